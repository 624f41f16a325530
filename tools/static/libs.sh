#!/bin/sh
# Makes what static programs are linked with, below FOLDER: musl instead of glibc, whose static parts alone
# are 0.9 MB, and the libraries LUNQ uses.
#   libs.sh TRIPLET SYSROOT FOLDER COMPILER       SYSROOT is that of tools/sysroot.sh, or /
# musl comes from Debian's musl-dev of that architecture. Lua, libuv and libedit share types with the C
# library (FILE, jmp_buf, struct stat), so they are compiled for musl, from Debian's sources. expat, libfdt
# and zlib only work on memory: Debian's archives are taken as they are, after a look at what they call.
# No root is needed. FOLDER/.made says that all is there.
set -eu
triplet=$1 sysroot=$2 out=$3 cc=$4
here=$(cd "$(dirname "$0")" && pwd)
[ ! "$out/.made" -nt "$0" ] || exit 0

case $triplet in
  aarch64-linux-gnu) arch=arm64 musl=aarch64-linux-musl ;;
  arm-linux-gnueabihf) arch=armhf musl=arm-linux-musleabihf ;;
  x86_64-linux-gnu) arch=amd64 musl=x86_64-linux-musl ;;
  *) echo "libs.sh: no musl of Debian is known for \"$triplet\"; MUSL= links with the compiler's own C library" >&2
     exit 2 ;;
esac
rm -rf "$out"
mkdir -p "$out/include" "$out/lib" "$out/src"
out=$(cd "$out" && pwd) sysroot=$(cd "$sysroot" && pwd)

# apt with a state of its own, as in tools/sysroot.sh.
. "$here/../apt.sh"
apt_for "$arch" "$out/.apt" sources
cd "$out/src"
echo "static: getting musl and the sources of Lua, libuv and libedit"
apt-get -qq download musl-dev
apt-get -qq --download-only source lua5.4 libuv1 libedit
dpkg-deb -x musl-dev_*.deb musl
for p in lua5.4 libuv1 libedit; do
  dpkg-source --no-check -x "$p"_*.dsc "$p" >/dev/null
done
unset APT_CONFIG
rm -rf "$out/.apt"

# The C library: headers, archives, the kernel's headers.
cp -R "musl/usr/include/$musl/." "$out/include/"
cp musl/usr/lib/"$musl"/*.a musl/usr/lib/"$musl"/*.o "$out/lib/"
kernel=/usr/$triplet/include asm=/usr/$triplet/include/asm
[ -d "$kernel" ] || kernel=/usr/include asm=/usr/include/$triplet/asm
for d in linux asm-generic drm misc mtd; do ln -s "$kernel/$d" "$out/include/$d"; done
ln -s "$asm" "$out/include/asm"
cp "$here/include/sys/cdefs.h" "$out/include/sys/"
# How the compiler finds it. Start code of musl only; no pages of padding between the parts (what -z relro would
# protect needs a dynamic loader).
# shellcheck disable=SC2086
gcc_include=$($cc -print-file-name=include) objcopy=$($cc -print-prog-name=objcopy)
cat >"$out/gcc.specs" <<EOF
%rename cpp_options lunq_cpp_options

*cpp_options:
-nostdinc -isystem $out/include -isystem $gcc_include %(lunq_cpp_options)

*cc1:
%(cc1_cpu) -nostdinc -isystem $out/include -isystem $gcc_include

*libgcc:
libgcc.a%s

*startfile:
$out/lib/crt1.o $out/lib/crti.o

*endfile:
$out/lib/crtn.o

*link:
-nostdlib -static -L$out/lib -z noseparate-code -z norelro --build-id=none

EOF

# Unwind tables are for C++ and debuggers; nothing here throws.
small="-Os -ffunction-sections -fdata-sections -fno-unwind-tables -fno-asynchronous-unwind-tables
  -fno-stack-protector -fno-plt -w -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64"
library() { # name, flags, sources: compiled and put into lib/NAME.a
  name=$1 flags=$2
  shift 2
  mkdir -p "obj/$name"
  for f in "$@"; do echo "$f"; done |
    xargs -P 2 -I{} sh -c "o=obj/$name/\$(basename {} .c).o; $cc -specs=$out/gcc.specs $flags -c -o \$o {} || exit 255"
  ar rcs "$out/lib/$name.a" obj/"$name"/*.o
}
small=$(echo $small)

rm -f lua5.4/src/lua.c lua5.4/src/luac.c
# Where Debian's Lua looks for C modules.
echo "#define DEB_HOST_MULTIARCH \"$triplet\"" >lua5.4/src/lua5.4-deb-multiarch.h
library liblua5.4 "$small -O2 -std=gnu99 -DLUA_USE_LINUX -DLUA_COMPAT_5_3" lua5.4/src/*.c
mkdir -p "$out/include/lua5.4"
cp lua5.4/src/*.h "$out/include/lua5.4/"

u=libuv1/src
library libuv_a "$small -I libuv1/include -I $u" "$u"/*.c $(for f in async core dl fs getaddrinfo getnameinfo loop \
  loop-watcher pipe poll process random-devurandom signal stream tcp thread tty udp linux-core linux-inotify \
  linux-syscalls procfs-exepath random-getrandom random-sysctl-linux proctitle epoll; do
  [ ! -f "$u/unix/$f.c" ] || echo "$u/unix/$f.c"; done)
cp -R libuv1/include/. "$out/include/"

e=libedit/src
echo '#include "sys.h"' >"$e/config.h" # as its configure does
(cd "$e"
 for f in vi emacs common; do AWK=awk sh makelist -h $f.c >$f.h; done
 AWK=awk sh makelist -fh vi.h emacs.h common.h >fcns.h
 AWK=awk sh makelist -fc vi.h emacs.h common.h >func.h
 AWK=awk sh makelist -bh vi.c emacs.c common.c >help.h
 printf '%s\n' 'int tgetent(char *, const char *); int tgetflag(const char *); int tgetnum(const char *);' \
   'char *tgetstr(const char *, char **); char *tgoto(const char *, int, int); int tputs(const char *, int, int (*)(int));' >termcap.h)
library libedit "$small -include sys/cdefs.h -include stdint.h -DHAVE_TERMCAP_H -DHAVE_STRLCPY -DHAVE_STRLCAT \
  -DHAVE_GETLINE -DHAVE_WCSDUP -DHAVE_U_INT32_T -DHAVE_SIZE_MAX -DHAVE_GETPW_R_POSIX -DHAVE_SECURE_GETENV \
  -DHAVE_STRUCT_DIRENT_D_NAMLEN=0 -D__STDC_ISO_10646__=201206L -DSCCSID= -I $e" \
  $(for f in chared common el eln emacs hist keymacro map chartype parse prompt read refresh search sig \
    terminal tty vi reallocarr tokenizer tokenizern history historyn filecomplete literal vis unvis; do echo "$e/$f.c"; done) \
  "$here/termcap.c"
cp "$e/histedit.h" "$out/include/"

# Debian's archives, without their unwind tables. What they call must be plain C, the same in glibc and musl:
# memory and strings, and streams and errno by name only.
plain='mem(chr|cmp|cpy|move|set)|str(chr|len|nlen|rchr|toul|error|cmp|ncmp|cpy)|malloc|realloc|calloc|free|getenv
|open|close|read|write|lseek64|fputs|fwrite|stderr|v?snprintf|abort|__errno_location|__assert_fail|__stack_chk_(fail|guard)
|__(fprintf|snprintf|vsnprintf|memcpy)_chk|arc4random_buf|_GLOBAL_OFFSET_TABLE_|__aeabi_.*'
plain=$(echo "$plain" | tr -d '\n')
usr=$sysroot/usr nm=$($cc -print-prog-name=nm)
for l in libexpat libfdt libz; do
  $nm -g "$usr/lib/$triplet/$l.a" 2>/dev/null >"obj/$l.names"
  awk '$1 == "U" { asked[$2] } NF == 3 { has[$3] } END { for (n in asked) if (!(n in has)) print n }' "obj/$l.names" |
    grep -vxE "$plain" >"obj/$l.others" || :
  [ ! -s "obj/$l.others" ] || {
    echo "libs.sh: $l.a calls what may differ between glibc and musl:" $(cat "obj/$l.others") >&2
    exit 1
  }
  cp "$usr/lib/$triplet/$l.a" "$out/lib/$l.a"
  $objcopy -R .eh_frame -R .rela.eh_frame -R .ARM.exidx -R .rel.ARM.exidx -R .ARM.extab \
    -R .rel.ARM.extab "$out/lib/$l.a"
done
library libhardened "$small" "$here/hardened.c"
for h in expat.h expat_external.h expat_config.h libfdt.h fdt.h libfdt_env.h zlib.h zconf.h; do
  for d in "$usr/include" "$usr/include/$triplet"; do [ ! -f "$d/$h" ] || cp "$d/$h" "$out/include/"; done
done
cd "$out"
rm -rf src
touch .made
