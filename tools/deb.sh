#!/bin/sh
# Makes a Debian package of what `make install install-system` puts below FOLDER:
#   deb.sh FOLDER VERSION ARCHITECTURE STATIC|"" OUTPUT.deb
set -eu
root=$1 version=$2 arch=$3 static=$4 out=$5
here=$(dirname "$0")/deb

install -d "$root/DEBIAN" "$root/usr/share/lintian/overrides"
install -m 755 "$here"/p*inst "$here"/p*rm "$root/DEBIAN/"
install -m 644 "$here/copyright" "$root/usr/share/doc/lunq/copyright"
install -m 644 "$here/lintian-overrides" "$root/usr/share/lintian/overrides/lunq"
gzip -9nf "$root"/usr/share/man/man*/*
gzip -9n >"$root/usr/share/doc/lunq/changelog.gz" <<EOF
lunq ($version) unstable; urgency=medium

  * Version $version. What changed stands in the history of the sources.

 -- LUNQ developers <lunq@localhost>  $(date -R -d "@${SOURCE_DATE_EPOCH:-$(date +%s)}")
EOF
# The versions are those of Debian 12, which this is linked with.
depends="init-system-helpers (>= 1.54)"
if [ -z "$static" ]; then
  depends="$depends, libc6 (>= 2.36), libexpat1 (>= 2.2), libfdt1 (>= 1.6), libuv1 (>= 1.44)"
  install -m 644 "$here/triggers" "$root/DEBIAN/triggers"
  echo "liblunq 0 lunq (>= $version)" >"$root/DEBIAN/shlibs"
fi
cat >"$root/DEBIAN/control" <<EOF
Package: lunq
Version: $version
Architecture: $arch
Maintainer: LUNQ developers <lunq@localhost>
Section: electronics
Priority: optional
Installed-Size: $(du -sk --exclude=DEBIAN "$root" | cut -f 1)
Pre-Depends: passwd
Depends: $depends
Suggests: graphviz, lua-busted
Description: Lua for FPGA boards and cards
 Loads a Vivado design, shows it as a tree of Lua objects with a driver for
 each IP, and moves data by DMA: on a simulated device, a Linux board or a card.
EOF
(cd "$root" && find usr -type f -exec md5sum {} + | sort -k 2) \
  >"$root/DEBIAN/md5sums"
chmod 644 "$root/DEBIAN/md5sums"
mkdir -p "$(dirname "$out")"
dpkg-deb --root-owner-group -Zxz --build "$root" "$out"
