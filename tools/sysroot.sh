#!/bin/sh
# Unpacks Debian's packages of another architecture for cross builds, below one folder.
#   sysroot.sh TRIPLET FOLDER      aarch64-linux-gnu or arm-linux-gnueabihf
# apt works with a state of its own there: the system's packages and architectures stay as they are,
# and no root is needed. What is there already is not fetched again.
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

mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/etc/apt.conf.d" \
  "$apt/etc/preferences.d" "$apt/etc/trusted.gpg.d" "$apt/etc/sources.list.d" "$apt/debs" "$root/.have"
: >"$apt/status"
cp /etc/apt/sources.list.d/*.sources "$apt/etc/sources.list.d/" 2>/dev/null || :
cp /etc/apt/sources.list.d/*.list "$apt/etc/sources.list.d/" 2>/dev/null || :
cp /etc/apt/sources.list "$apt/etc/" 2>/dev/null || :
cp /etc/apt/trusted.gpg.d/* "$apt/etc/trusted.gpg.d/" 2>/dev/null || :
cat >"$apt/apt.conf" <<EOF
APT::Architecture "$arch";
APT::Architectures { "$arch"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Dir::State "$apt";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
Dir::Etc "$apt/etc";
EOF
export APT_CONFIG="$apt/apt.conf"
echo "sysroot: getting Debian's libraries for $arch"
# A mirror in the middle of a sync gives part of its lists: what is missing shows below.
apt-get -qq update 2>/dev/null || echo "sysroot: the package lists for $arch are not whole; going on with what came"
for p in $packages; do
  [ -f "$root/.have/$p" ] && continue
  rm -f "$apt/debs"/*
  (cd "$apt/debs" && apt-get -qq download "$p") || { echo "sysroot.sh: can't get $p for $arch" >&2; exit 1; }
  dpkg-deb -x "$apt/debs"/*.deb "$root"
  touch "$root/.have/$p"
done
rm -rf "$apt"
