#!/bin/sh
# Installs the Debian packages that are missing, and only those.
#   setup.sh [--check] build|test|lint|bench|lab|static|aarch64|arm|deb|machine|netlist|qemu|lablinux ...
# --check installs nothing: it names what is missing and fails.
set -eu

# PACKAGE:WHAT, where WHAT is a file (may hold a * for the multiarch folder) or a command.
build="gcc:gcc libc6-dev:/usr/include/stdio.h pkgconf:pkg-config
  liblua5.4-dev:/usr/lib/*/liblua5.4.a libexpat1-dev:/usr/include/expat.h
  libfdt-dev:/usr/include/libfdt.h
  libuv1-dev:/usr/include/uv.h libedit-dev:/usr/include/histedit.h lua-dkjson:/usr/share/lua/5.4/dkjson.lua
  lua-unit:/usr/share/lua/5.4/luaunit.lua"
lint="lua-check:luacheck clang-format:clang-format cppcheck:cppcheck"
test="lua-busted:/usr/share/lua/5.4/busted/runner.lua lua-filesystem:/usr/lib/*/lua/5.4/lfs.so
  lua-luv:/usr/lib/*/lua/5.4/luv.so
  clang:clang libclang-rt-14-dev:/usr/lib/llvm-14/lib/clang/*/lib/linux/libclang_rt.fuzzer-*.a
  bsdutils:script graphviz:dot device-tree-compiler:dtc verilator:verilator iverilog:iverilog g++:g++ make:make
  zlib1g-dev:/usr/include/zlib.h $lint"
# XRT's library, without a card, and GHDL that needs no linker; Debian has them for PCs.
xrt=
ghdl=
if [ "$(uname -m)" = x86_64 ]; then
  xrt="libxrt1:/usr/lib/*/libxrt_noop.so.2"
  ghdl="ghdl-mcode:ghdl-mcode"
fi
test="$test $xrt $ghdl"
lab="qemu-system-misc:qemu-system-microblazeel"
static="zlib1g-dev:/usr/include/zlib.h dpkg-dev:dpkg-source"
aarch64="gcc-aarch64-linux-gnu:aarch64-linux-gnu-gcc libc6-dev-arm64-cross:/usr/aarch64-linux-gnu/include/stdio.h"
arm="gcc-arm-linux-gnueabihf:arm-linux-gnueabihf-gcc
  libc6-dev-armhf-cross:/usr/arm-linux-gnueabihf/include/stdio.h"
lablinux="qemu-system-arm:qemu-system-aarch64 device-tree-compiler:dtc cpio:cpio bison:bison flex:flex bc:bc
  xz-utils:xz python3:python3"
qemu="qemu-user:qemu-arm"
deb="debootstrap:/usr/sbin/debootstrap"
machine="qemu-system-x86:qemu-system-x86_64 e2fsprogs:/sbin/mke2fs python3:python3"
netlist="yosys:yosys"
bench="lua5.4:lua5.4 luajit:luajit python3:/usr/bin/python3
  python3-numpy:/usr/lib/python3/dist-packages/numpy $xrt"

have() {
  case $1 in
    /*) for f in $1; do [ -e "$f" ] && return 0; done; return 1 ;;
    *) command -v "$1" >/dev/null 2>&1 ;;
  esac
}

check=
missing=
for group in "$@"; do
  case $group in
    --check) check=1 ;;
    build | test | lint | bench | lab | static | aarch64 | arm | deb | machine | netlist | qemu | lablinux)
      eval "list=\$$group"
      for item in $list; do
        have "${item#*:}" || case " $missing " in
          *" ${item%%:*} "*) ;;
          *) missing="$missing ${item%%:*}" ;;
        esac
      done ;;
    *) echo "setup.sh: unknown group $group (build, test, lint, bench, lab, static, aarch64, arm, deb, machine, netlist, qemu, lablinux)" >&2; exit 2 ;;
  esac
done
[ -n "$missing" ] || exit 0

if [ -n "$check" ]; then
  echo "Missing packages:$missing. Type: make setup" >&2
  exit 1
fi

if ! command -v apt-get >/dev/null 2>&1; then
  echo "Missing:$missing. This is not Debian: install what these Debian packages hold." >&2
  exit 1
fi
as_root=
if [ "$(id -u)" != 0 ]; then
  if command -v sudo >/dev/null 2>&1; then
    as_root=sudo
  else
    echo "Missing packages:$missing. Type as root: apt-get install$missing" >&2
    exit 1
  fi
fi

echo "setup: installing$missing"
export DEBIAN_FRONTEND=noninteractive
install() {
  # shellcheck disable=SC2086
  $as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
    -o Dpkg::Use-Pty=0 $missing
}
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# The package lists of a new machine are empty or old: get them only when the first try fails.
if ! install >"$log" 2>&1; then
  $as_root apt-get update -q >"$log" 2>&1 || { cat "$log" >&2; exit 1; }
  install >"$log" 2>&1 || { cat "$log" >&2; echo "setup: apt-get could not install$missing" >&2; exit 1; }
fi
