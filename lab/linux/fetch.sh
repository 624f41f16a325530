#!/bin/bash
# fetch.sh: downloads Debian packages for amd64, arm64 and armhf into LAB_DIR and unpacks them there; the system's dpkg is not touched.
# Run: LAB_DIR=dir ./fetch.sh [base|busted|stock ...]   base = kernel source + busybox, busted = what runs specs in a guest, stock = Debian kernels + headers
set -e
. "$(dirname "$0")/env.sh"
P=$LAB_DIR/pkgs; mkdir -p "$P"

# aptfor ARCH: an apt state of our own for one architecture, with the mirrors of this machine
aptfor() {
  local a=$1 d=$LAB_DIR/apt-$1
  export APT_CONFIG=$d/apt.conf
  [ -f "$d/updated" ] && return
  mkdir -p "$d"/{lists/partial,cache/archives/partial,dpkg,etc/apt.conf.d,etc/preferences.d,etc/trusted.gpg.d,etc/sources.list.d}
  : > "$d/dpkg/status"
  cp /etc/apt/sources.list.d/*.sources "$d/etc/sources.list.d/" 2>/dev/null || true
  [ -f /etc/apt/sources.list ] && cp /etc/apt/sources.list "$d/etc/"
  cat > "$d/apt.conf" <<C
APT::Architecture "$a";
APT::Architectures { "$a"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Dir::State "$d";
Dir::State::status "$d/dpkg/status";
Dir::Cache "$d/cache";
Dir::Etc "$d/etc";
C
  apt-get -qq update || say "apt update for $a was not complete; going on"    # a mirror in the middle of a sync
  touch "$d/updated"
}
# get ARCH DEST PACKAGE...: download what is not there yet, unpack into DEST; DEST/.PACKAGE names the version
get() {
  local a=$1 dest=$2 p f; shift 2
  mkdir -p "$dest"
  for p in "$@"; do
    [ -f "$dest/.$p" ] && continue
    aptfor "$a"
    # a version that has left the mirror: once more with fresh lists
    (cd "$P" && apt-get -qq download "$p") || { rm -f "$LAB_DIR/apt-$a/updated"; aptfor "$a"; (cd "$P" && apt-get -qq download "$p"); } || die "cannot download $p for $a"
    f=$(ls -t "$P/${p}"_* | head -1)
    dpkg-deb -x "$f" "$dest"; basename "$f" > "$dest/.$p"; rm -f "$f"
  done
}
# newest ARCH META: the package a kernel metapackage depends on (old versions vanish from the mirrors)
newest() { aptfor "$1"; apt-cache depends "$2" | awk '/Depends: linux-(image|headers)-[0-9]/{print $2; exit}'; }

base() {
  get amd64 "$LAB_DIR/src" linux-source-$KVER
  get armhf "$LAB_DIR/bb/armhf" busybox-static
  get arm64 "$LAB_DIR/bb/arm64" busybox-static
}
# busted for the guests: its Lua is the same everywhere, three modules are C
busted() {
  get arm64 "$LAB_DIR/busted/lua" lua-busted lua-luassert lua-say lua-mediator lua-cliargs lua-penlight lua-dkjson lua-term lua-system
  local a
  for a in arm64 armhf; do get $a "$LAB_DIR/busted/$a" lua-filesystem lua-term lua-system; done
}
stock() {
  local a k h
  [ -f "$LAB_DIR/k/.complete" ] && return
  for a in arm64:arm64 armhf:armmp amd64:amd64; do
    k=$(newest ${a%:*} linux-image-${a#*:}); [ -n "$k" ] || die "no kernel found for ${a%:*}"
    get ${a%:*} "$LAB_DIR/k/${a%:*}" "$k"
    get ${a%:*} "$LAB_DIR/bb/${a%:*}" busybox-static
  done
  h=$(newest arm64 linux-headers-arm64)
  get arm64 "$LAB_DIR/hdr" "$h" "${h%-arm64}-common"
  get amd64 "$LAB_DIR/hdr" linux-kbuild-$KVER
  touch "$LAB_DIR/k/.complete"
}
for what in ${*:-base}; do case $what in base|busted|stock) $what ;; *) die "unknown set '$what'" ;; esac; done
say "fetched: ${*:-base}"
