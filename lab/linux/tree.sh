#!/bin/bash
# tree.sh: the folder of a guest's root that runs lunq: the program and its libraries for the architecture, busted and its modules, specs, drivers, examples.
# Run: LAB_DIR=dir ./tree.sh armhf|arm64|amd64   result: LAB_DIR/tree/ARCH; lunq must have been built for it (make CROSS=...)
set -e
. "$(dirname "$0")/env.sh"
A=$1 TOP=$(cd "$LAB/../.." && pwd)
# PCs: the static program of this machine and the scripts of the guests
if [ "$A" = amd64 ]; then
  D=$LAB_DIR/tree/$A
  [ -x "$TOP/build/static/lunq" ] || die "first: make STATIC=1"
  rm -rf "$D"; mkdir -p "$D"/{bin,work,tmp,root,etc}
  strip -o "$D/bin/lunq" "$TOP/build/static/lunq"
  cp "$LAB"/guest/*.lua "$D/work/"
  echo 'root:x:0:0:root:/root:/bin/sh' > "$D/etc/passwd"; echo 'root:x:0:' > "$D/etc/group"
  exit
fi
case $A in arm64) T=aarch64-linux-gnu K=a64 ;; armhf) T=arm-linux-gnueabihf K=zynq ;; *) die "unknown architecture '$A'" ;; esac
S=$TOP/build/sysroot/$T D=$LAB_DIR/tree/$A
[ -x "$TOP/build/$T/lunq" ] || die "first: make CROSS=$T-"
[ -x "$TOP/build/lunq" ] || die "first: make"
"$LAB/fetch.sh" busted

rm -rf "$D"
mkdir -p "$D"/{bin,lib,usr/lib/$T,usr/share/lua/5.4,usr/lib/$T/lua/5.4,work,tmp,root,etc}
for p in lunq lunq-helper; do "$T-strip" -o "$D/bin/$p" "$TOP/build/$T/$p"; done
# the static program of `make CROSS= STATIC=1`, where it was built
[ ! -x "$TOP/build/$T/static/lunq" ] || "$T-strip" -o "$D/bin/lunq-static" "$TOP/build/$T/static/lunq"
# the C library of the cross compiler; the dynamic loader is looked for in /lib
cp -L "/usr/$T/lib"/ld-linux-*.so.* "$D/lib/"
cp -L "/usr/$T/lib"/{libc,libm,libdl,libpthread,libgcc_s}.so.[0-9] "$D/usr/lib/$T/"
for l in libexpat.so.1 libuv.so.1 libfdt.so.1; do cp -L "$(find "$S" -name "$l" | head -1)" "$D/usr/lib/$T/"; done
# busted is Lua; the modules below it are C
cp -rL "$LAB_DIR/busted/lua/usr/share/lua/5.4"/. "$D/usr/share/lua/5.4/"
cp -rL "$LAB_DIR/busted/$A/usr/lib/$T/lua/5.4"/. "$D/usr/lib/$T/lua/5.4/"
cp -r "$TOP"/{.busted,spec,drivers,overlays,lua} "$D/work/" # .busted names what all specs share
cp "$LAB"/guest/*.lua "$LAB/guest/specs" "$D/work/"
# the examples whose logic `lunq serve` plays, for the guest's family
mkdir -p "$D/work/served/overlays"
ln -s ../.busted ../spec "$D/work/served/"
for d in dma_loopback gpio_interrupts; do
  cp -r "$TOP/overlays/$d" "$D/work/served/overlays/"
  "$TOP/build/lunq" "$LAB/design.lua" "$([ "$A" = armhf ] && echo zynq || echo zynqmp)" "$TOP/overlays/$d" "$D/work/served/overlays/$d"
done
# registers and interrupts against C: the cases bench-*
mkdir -p "$D/work/bench"; cp -r "$TOP"/bench/{run,board.lua,uio.lua,lib} "$D/work/bench/"
"$T-gcc" -O2 -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -o "$D/work/bench/uio" "$TOP/bench/uio.c"
"$T-gcc" -O2 -std=gnu11 -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 -shared -fPIC -I "$S/usr/include/lua5.4" -I "$S/usr/include/$T" \
  -o "$D/work/bench/periphery.so" "$TOP/bench/periphery.c"
# what the kernel was made with; prune.sh moves it
for f in "$LAB_DIR/build/$K/.config" "$LAB_DIR/build/$K.config"; do [ ! -f "$f" ] || cp "$f" "$D/work/kconfig"; done
echo 'root:x:0:0:root:/root:/bin/sh' > "$D/etc/passwd"; echo 'root:x:0:' > "$D/etc/group"
say "tree for $A: $(du -sm "$D" | cut -f1) MB"
