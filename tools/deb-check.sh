#!/bin/sh
# Installs a package of `make deb` in a Debian 12 of its own, runs it there, removes it, and looks for
# what it left: deb-check.sh PACKAGE.deb FOLDER. Needs root and debootstrap; FOLDER is kept for next time.
# lintian looks at the package where it is installed.
set -eu
deb=$1 base=$2 top=$(cd "$(dirname "$0")/.." && pwd)
[ "$(id -u)" = 0 ] || { echo "deb-check.sh: needs root (a chroot)" >&2; exit 1; }
# A /proc for it, in a name space of mounts that ends with this script.
[ -n "${LUNQ_OWN_MOUNTS:-}" ] || LUNQ_OWN_MOUNTS=1 exec unshare --mount sh "$0" "$@"
include=libexpat1,libfdt1,libuv1,passwd,systemd,udev
[ "$(cat "$base/.made" 2>/dev/null)" = "$include" ] || {
  rm -rf "$base"
  debootstrap --variant=minbase --include="$include" bookworm "$base" >"$base.log" 2>&1 ||
    { tail -n 5 "$base.log" >&2; exit 1; }
  echo "$include" >"$base/.made"
}
# What a package leaves: dpkg's own notes and ld.so's cache apart, and what systemctl notes of any unit.
files() {
  (cd "$base" && find etc usr run var/lib -xdev 2>/dev/null |
    grep -v 'ld.so.cache\|/dpkg/\|run/systemd/systemd-units-load' | sort)
}
step() { echo "deb-check: $1"; shift; "$@" || { echo "deb-check: FAILED" >&2; exit 1; }; }
in_it() { chroot "$base" "$@"; }

# A folder that is a board with one clock, and lunq-helper for it: a member of the group sets the clock,
# another user does not.
helper_works() {
  board=$base/tmp/board clock=sys/bus/platform/devices/fclk0/set_rate
  mkdir -p "$board/proc/device-tree" "$board/${clock%/*}"
  printf 'tul,pynq-z2\0xlnx,zynq-7000\0' >"$board/proc/device-tree/compatible"
  echo 20000000 >"$board/$clock"
  chroot "$base" /usr/libexec/lunq-helper --root /tmp/board --socket /run/lunq/helper.sock 2>"$base/tmp/helper.log" &
  i=0
  until [ -S "$base/run/lunq/helper.sock" ]; do i=$((i + 1)); [ $i -lt 100 ] || return 1; sleep 0.1; done
  r=0
  set_clock "--groups=$(in_it getent group lunq | cut -d: -f3)" 50 || r=1
  grep -q '^50000000$' "$board/$clock" || r=1
  if set_clock --clear-groups 25 2>/dev/null; then r=1; fi
  grep -q '^50000000$' "$board/$clock" || r=1
  kill $!
  wait $! || :
  [ $r = 0 ] || cat "$base/tmp/helper.log"
  rm -rf "$board" "$base/tmp/helper.log"
  return $r
}
# Buildroot's script for systems without systemd: the helper started and stopped, with the folders it makes.
init_script() {
  cp "$top/tools/buildroot/package/lunq/S50lunq-helper" "$base/tmp/init"
  rm -rf "$base/run/lunq"
  in_it sh /tmp/init start || return 1
  i=0
  until [ -S "$base/run/lunq/helper.sock" ]; do i=$((i + 1)); [ $i -lt 100 ] || return 1; sleep 0.1; done
  r=0
  [ "$(in_it stat -c '%U:%G %a' /run/lunq/programs)" = "root:lunq 2775" ] || r=1
  in_it sh /tmp/init restart || r=1
  in_it sh /tmp/init stop || r=1
  i=0
  while [ -S "$base/run/lunq/helper.sock" ]; do i=$((i + 1)); [ $i -lt 100 ] || return 1; sleep 0.1; done
  rm "$base/tmp/init"
  return $r
}
set_clock() { # groups, MHz
  in_it setpriv --reuid=65534 --regid=65534 "$1" env LUNQ_HELPER=/run/lunq/helper.sock lunq -e \
    "local d = lunq.core.device_open 'linux?root=/tmp/board' lunq.Clocks(d).fclk0_mhz = $2"
}

[ ! -x /usr/bin/lintian ] || step "lintian" lintian --fail-on error,warning --allow-root "$deb"
mount -t proc proc "$base/proc"
rm -rf "$base/run/lunq" # of a run that did not get to its end
files >"$base.before"
cp "$deb" "$base/tmp/lunq.deb"
step "install" in_it dpkg -i /tmp/lunq.deb
step "the group" grep -q '^lunq:' "$base/etc/group"
step "the folder of the socket" [ -d "$base/run/lunq" ]
step "the socket is enabled" [ -h "$base/etc/systemd/system/sockets.target.wants/lunq-helper.socket" ]
step "the units" in_it systemd-analyze verify --man=no lunq-helper.socket lunq-helper.service
step "the group of sysusers" in_it systemd-sysusers --dry-run /usr/lib/sysusers.d/lunq.conf
step "run" in_it lunq -e 'print(lunq.version)'
step "the example" in_it lunq /usr/share/lunq/overlays/adder/demo.lua
step "the helper" helper_works
step "the helper by Buildroot's init script" init_script
step "install again" in_it dpkg -i /tmp/lunq.deb
step "purge" in_it dpkg -P lunq
rm -f "$base/tmp/lunq.deb"
files >"$base.after"
# Files that the groups of every system are kept in have backups.
step "nothing is left" sh -c "diff '$base.before' '$base.after' | grep '^[<>]' | grep -v 'etc/g\\?s\\?group-\\|etc/gshadow-' && exit 1 || exit 0"
step "no group is left" sh -c "! grep -q '^lunq:' '$base/etc/group'"
echo "deb-check: installs, runs and removes cleanly"
