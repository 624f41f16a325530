#!/bin/sh
# Unpacks Debian's packages of another architecture for cross builds, below one folder.
#   sysroot.sh TRIPLET FOLDER      aarch64-linux-gnu or arm-linux-gnueabihf
# No root is needed, and the system's packages and architectures stay as they are (tools/apt.sh). What is
# there already is not fetched again.
set -eu

packages="liblua5.4-dev liblua5.4-0 libexpat1-dev libexpat1 libuv1-dev libuv1 libfdt-dev libfdt1
  libedit-dev libedit2 libbsd-dev libbsd0 libmd-dev libmd0 libncurses-dev libtinfo6
  zlib1g-dev zlib1g"

case ${1:-} in
  aarch64-linux-gnu) arch=arm64 ;;
  arm-linux-gnueabihf) arch=armhf ;;
  *) echo "sysroot.sh: no Debian packages known for \"${1:-}\" (aarch64-linux-gnu, arm-linux-gnueabihf);" \
       "set SYSROOT= to a folder that has the libraries" >&2; exit 2 ;;
esac
mkdir -p "$2"
root=$(cd "$2" && pwd)
apt=$root/.apt

have_all() { for p in $packages; do [ -f "$root/.have/$p" ] || return 1; done; }
have_all && exit 0

mkdir -p "$apt/debs" "$root/.have"
echo "sysroot: getting Debian's libraries for $arch"
. "$(dirname "$0")/apt.sh"
apt_for "$arch" "$apt"
for p in $packages; do
  [ -f "$root/.have/$p" ] && continue
  rm -f "$apt/debs"/*
  (cd "$apt/debs" && apt-get -qq download "$p") || { echo "sysroot.sh: can't get $p for $arch" >&2; exit 1; }
  dpkg-deb -x "$apt/debs"/*.deb "$root"
  touch "$root/.have/$p"
done
rm -rf "$apt"
