# apt.sh - for scripts that fetch packages of another architecture, or sources: apt with a state of its own,
# so that the system's packages, lists and architectures stay as they are and no root is needed.
#   . tools/apt.sh; apt_for ARCHITECTURE FOLDER      sets APT_CONFIG and gets the lists; FOLDER may go afterwards

apt_for() {
  apt=$2
  mkdir -p "$apt/lists/partial" "$apt/cache/archives/partial" "$apt/etc/apt.conf.d" \
    "$apt/etc/preferences.d" "$apt/etc/trusted.gpg.d" "$apt/etc/sources.list.d"
  apt=$(cd "$apt" && pwd)
  : >"$apt/status"
  cp /etc/apt/sources.list.d/*.sources "$apt/etc/sources.list.d/" 2>/dev/null || :
  cp /etc/apt/sources.list.d/*.list "$apt/etc/sources.list.d/" 2>/dev/null || :
  cp /etc/apt/sources.list "$apt/etc/" 2>/dev/null || :
  cp /etc/apt/trusted.gpg.d/* "$apt/etc/trusted.gpg.d/" 2>/dev/null || :
  if [ "${3:-}" = sources ]; then
    find "$apt/etc" -name '*.sources' -exec sed -i 's/^Types: deb$/Types: deb deb-src/' {} +
    find "$apt/etc" -name '*.list' -exec sed -i 's/^deb \(.*\)$/deb \1\ndeb-src \1/' {} +
  fi
  cat >"$apt/apt.conf" <<EOF
APT::Architecture "$1";
APT::Architectures { "$1"; };
APT::Sandbox::User "root";
Acquire::Languages "none";
Dir::State "$apt";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
Dir::Etc "$apt/etc";
EOF
  export APT_CONFIG="$apt/apt.conf"
  # A mirror in the middle of a sync gives part of its lists: what is missing shows when it is asked for.
  apt-get -qq update 2>/dev/null || echo "apt: the package lists for $1 are not whole; going on with what came"
}
