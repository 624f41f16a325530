#!/bin/sh
# Makes a Debian package of what `make install` puts below FOLDER:
#   deb.sh FOLDER VERSION ARCHITECTURE STATIC|"" OUTPUT.deb
set -eu
root=$1 version=$2 arch=$3 static=$4 out=$5
here=$(dirname "$0")/deb

install -D -m 644 "$here/60-lunq.rules" "$root/usr/lib/udev/rules.d/60-lunq.rules"
install -d "$root/DEBIAN"
install -m 755 "$here/postinst" "$here/postrm" "$root/DEBIAN/"
# The versions are those of Debian 12, which this is linked with.
depends="passwd"
[ -n "$static" ] || depends="$depends, libc6 (>= 2.36), libexpat1 (>= 2.2), libfdt1 (>= 1.6), libuv1 (>= 1.44)"
cat >"$root/DEBIAN/control" <<EOF
Package: lunq
Version: $version
Architecture: $arch
Maintainer: LUNQ developers <lunq@localhost>
Section: electronics
Priority: optional
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f 1)
Depends: $depends
Suggests: graphviz, lua-busted
Description: Lua for FPGA boards and cards
 Loads a Vivado design, shows it as a tree of Lua objects with a driver for
 each IP, and moves data by DMA: on a simulated device, a Linux board or a card.
EOF
mkdir -p "$(dirname "$out")"
dpkg-deb --root-owner-group -Zxz --build "$root" "$out"
