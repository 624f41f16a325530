#!/bin/sh
# Runs the commands of the recipes for Buildroot and Yocto with stand-ins for what those projects provide:
# variables, a sysroot whose libraries have the names they give them, pkg-config. They themselves are not run.
#   recipe-check.sh buildroot|yocto FOLDER       for armhf; FOLDER is made anew
set -eu
what=$1
top=$PWD
rm -rf "$2"
mkdir -p "$2"
work=$(cd "$2" && pwd)
triplet=arm-linux-gnueabihf
debian=$top/build/sysroot/$triplet/usr
version=$(sed -n 's/^VERSION = //p' Makefile)

# The checkout as they copy it: without what was built.
mkdir "$work/src"
git ls-files | grep -v '^lab/' | tar cf - -T - | tar xf - -C "$work/src"

# A sysroot with the names of their packages, on Debian's files.
s=$work/sysroot
mkdir -p "$s/usr/lib/pkgconfig" "$s/usr/include"
cp -r "$debian/include/." "$debian/include/$triplet/." "$debian/include/lua5.4/." "$s/usr/include/"
cp -a "$debian/lib/$triplet/." "$s/usr/lib/"
cp -a "$top/build/sysroot/$triplet/lib/$triplet/." "$s/usr/lib/" 2>/dev/null || :
rm -f "$s"/usr/lib/libedit.a # they build shared libraries
ln -sf "$(basename "$(ls "$s"/usr/lib/liblua5.4.so.0.* | head -n 1)")" "$s/usr/lib/liblua.so"
printf 'Name: lua\nDescription: Lua\nVersion: 5.4.4\nCflags:\nLibs: -llua -lm -ldl\n' >"$s/usr/lib/pkgconfig/lua.pc"
printf 'Name: libedit\nDescription: libedit\nVersion: 3.1\nCflags:\nLibs: -ledit\n' >"$s/usr/lib/pkgconfig/libedit.pc"
export PKG_CONFIG_LIBDIR="$s/usr/lib/pkgconfig"
cc="$triplet-gcc -I$s/usr/include -L$s/usr/lib -Wl,-rpath-link,$s/usr/lib"
flags="-O2 -pipe -D_LARGEFILE_SOURCE -D_FILE_OFFSET_BITS=64"

buildroot() {
  external=$work/src/tools/buildroot
  mkdir -p "$work/host/share/lunq"
  cp /usr/share/lua/5.4/dkjson.lua /usr/share/lua/5.4/luaunit.lua "$work/host/share/lunq/"
  # What Buildroot's core says before it reads the recipes, and its way of running their commands.
  cat >"$work/Makefile" <<EOF
BR2_EXTERNAL_LUNQ_PATH = $external
TARGET_DIR = $work/target
HOST_DIR = $work/host
HOSTCC = gcc
INSTALL = install
TARGET_MAKE_ENV = LC_ALL=C
PKG_CONFIG_HOST_BINARY = pkg-config
TARGET_CONFIGURE_OPTS = CC="$cc" AR="$triplet-ar" CFLAGS="$flags" LDFLAGS="-Wl,-O1" PKG_CONFIG="pkg-config"
include $external/external.mk
LUNQ_PKGDIR = $external/package/lunq
build/%: ;
all: $work/src/.run
$work/src/.run:
	\$(LUNQ_BUILD_CMDS)
	\$(LUNQ_INSTALL_TARGET_CMDS)
	\$(LUNQ_INSTALL_INIT_SYSTEMD)
	\$(LUNQ_INSTALL_INIT_SYSV)
	test '\$(LUNQ_VERSION)' = '$version'
	test '\$(LUNQ_SITE)' = '$work/src'
EOF
  "${MAKE:-make}" -s --no-print-directory -f "$work/Makefile"
  root=$work/target
  [ -x "$root/etc/init.d/S50lunq-helper" ]
  sh -n "$root/etc/init.d/S50lunq-helper"
}

# A variable of the recipe, or the body of one of its functions, with BitBake's expansions. What is installed must be in
# one of the packages: BitBake's class insane refuses the rest (installed-vs-shipped).
yocto() {
  recipe=tools/yocto/meta-lunq/recipes-lunq/lunq/lunq_git.bb
  mkdir -p "$work/lua-modules/a" "$work/build"
  cp /usr/share/lua/5.4/dkjson.lua /usr/share/lua/5.4/luaunit.lua "$work/lua-modules/a/"
  python3 - "$recipe" "$work" "$cc" "$triplet-ar" "$flags" >"$work/run.sh" <<'EOF'
import re, sys
recipe, work, cc, ar, flags = sys.argv[1:]
text = open(recipe).read()
joined = re.sub(r"\\\n\s*", " ", text)
values = dict(re.findall(r'^([A-Z_]+)\s*=\s*"(.*)"$', joined, re.M))
files = re.findall(r'^FILES:\$\{PN\}\S*\s*\+=\s*"(.*)"$', joined, re.M)
values.update(WORKDIR=work, S=work + "/src", B=work + "/build", D=work + "/target", CC=cc, AR=ar, CFLAGS=flags,
              LDFLAGS="-Wl,-O1", BUILD_CC="gcc", BUILD_CFLAGS="-O1", BUILD_LDFLAGS="", prefix="/usr", libdir="/usr/lib",
              libexecdir="/usr/libexec", datadir="/usr/share", systemd_system_unitdir="/lib/systemd/system",
              nonarch_base_libdir="/lib", nonarch_libdir="/usr/lib")
def expand(s):
    s = re.sub(r"\$\{@bb\.utils\.contains\(.*?\)\}", "true", s)
    while re.search(r"\$\{\w+\}", s):
        s = re.sub(r"\$\{(\w+)\}", lambda m: values[m[1]], s)
    return s
print("set -e\noe_runmake() { ${MAKE:-make} -s --no-print-directory", expand(values["EXTRA_OEMAKE"]), '"$@"; }')
for name in ("do_compile", "do_install"):
    print(expand(re.search(r"^%s\(\) \{\n(.*?)^\}" % name, text, re.M | re.S)[1]))
# bitbake.conf's own FILES, as far as they could be meant here, and the units that class systemd adds
files.append("${prefix}/bin/* ${libexecdir}/* ${libdir}/lib*.so.* ${nonarch_base_libdir}/udev ${datadir}/doc ${datadir}/man "
             "${prefix}/include ${libdir}/pkgconfig ${libdir}/*.a")
units = re.search(r'^SYSTEMD_SERVICE:\$\{PN\} = "(.*)\.socket"$', text, re.M)[1]
files += ["${systemd_system_unitdir}/%s.%s" % (units, kind) for kind in ("socket", "service")]
with open(work + "/shipped", "w") as f:
    f.write("\n".join(expand(" ".join(files)).split()))
EOF
  sh "$work/run.sh"
  root=$work/target
  python3 - "$root" "$work/shipped" <<'EOF'
import fnmatch, os, sys
root, shipped = sys.argv[1], open(sys.argv[2]).read().split()
lost = []
for folder, folders, names in os.walk(root):
    for path in [os.path.join(folder, name)[len(root):] for name in names] or ([] if folders else [folder[len(root):]]):
        if not any(fnmatch.fnmatch(path, p) or path == p or path.startswith(p + "/") for p in shipped):
            lost.append(path)
if lost:
    sys.exit("recipe-check: installed, but in no package: " + " ".join(sorted(lost)))
EOF
}

"$what"
for f in usr/bin/lunq usr/libexec/lunq-helper usr/lib/liblunq.so.0 usr/lib/pkgconfig/lunq.pc usr/lib/sysusers.d/lunq.conf \
  usr/lib/tmpfiles.d/lunq.conf; do
  [ -e "$root/$f" ] || { echo "recipe-check: no $f"; exit 1; }
done
find "$root" -name lunq-helper.service -exec grep -qx 'ExecStart=/usr/libexec/lunq-helper' {} + ||
  { echo "recipe-check: no service"; exit 1; }
find "$root" -name 60-lunq.rules | grep -q . || { echo "recipe-check: no rules"; exit 1; }
run="qemu-arm -L /usr/$triplet -E LD_LIBRARY_PATH=$s/usr/lib"
$run "$root/usr/libexec/lunq-helper" --version
$run "$root/usr/bin/lunq" "$root/usr/share/lunq/overlays/dma_loopback/demo.lua"
