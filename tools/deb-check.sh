#!/bin/sh
# Installs a package of `make deb` in a Debian 12 of its own, runs it there, removes it, and looks for
# what it left: deb-check.sh PACKAGE.deb FOLDER. Needs root and debootstrap; FOLDER is kept for next time.
set -eu
deb=$1 base=$2
[ "$(id -u)" = 0 ] || { echo "deb-check.sh: needs root (a chroot)" >&2; exit 1; }
[ -f "$base/.made" ] || {
  rm -rf "$base"
  debootstrap --variant=minbase --include=libexpat1,libfdt1,libuv1,passwd bookworm "$base" >"$base.log" 2>&1 ||
    { tail -n 5 "$base.log" >&2; exit 1; }
  touch "$base/.made"
}
files() { (cd "$base" && find etc usr var/lib/lunq -xdev 2>/dev/null | grep -v 'ld.so.cache\|/dpkg/' | sort); }
step() { echo "deb-check: $1"; shift; "$@" || { echo "deb-check: FAILED" >&2; exit 1; }; }

files >"$base.before"
cp "$deb" "$base/tmp/lunq.deb"
step "install" chroot "$base" dpkg -i /tmp/lunq.deb
step "the group" grep -q '^lunq:' "$base/etc/group"
step "run" chroot "$base" lunq -e 'print(lunq.version)'
step "the example" chroot "$base" lunq /usr/share/lunq/overlays/adder/demo.lua
step "purge" chroot "$base" dpkg -P lunq
files >"$base.after"
# Files that the groups of every system are kept in have backups.
step "nothing is left" sh -c "diff '$base.before' '$base.after' | grep '^[<>]' | grep -v 'etc/g\\?s\\?group-\\|etc/gshadow-' && exit 1 || exit 0"
step "no group is left" sh -c "! grep -q '^lunq:' '$base/etc/group'"
echo "deb-check: installs, runs and removes cleanly"
