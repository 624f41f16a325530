SUMMARY = "Lua productivity for FPGA boards and cards"
DESCRIPTION = "Loads a Vivado design, shows it as a tree of Lua objects with a driver for each IP, and moves data by DMA."
# The developers have not published a licence, so there is no text for LIC_FILES_CHKSUM.
LICENSE = "CLOSED"

DEPENDS = "lua expat dtc libuv libedit"

# The checkout this layer belongs to, and two Lua modules that are built into the program.
SRC_URI = "git://${LUNQ_CHECKOUT};protocol=file;branch=main \
           https://deb.debian.org/debian/pool/main/l/lua-dkjson/lua-dkjson_2.6.orig.tar.gz;name=dkjson;subdir=lua-modules \
           https://deb.debian.org/debian/pool/main/l/lua-unit/lua-unit_3.4.orig.tar.gz;name=luaunit;subdir=lua-modules \
           "
SRC_URI[dkjson.sha256sum] = "bd07ee4eb398aed6cf36f92423845399a5b46c15090990cc90e56d07c46f9773"
SRC_URI[luaunit.sha256sum] = "b8aea5826f09749d149efa8ef1b13f81e6a9fc6abfbe4c1cbf87a558a6d4e8d0"
SRCREV = "${AUTOREV}"
PV = "0.1.0+git"
S = "${WORKDIR}/git"
B = "${WORKDIR}/build"

inherit pkgconfig systemd useradd

EXTRA_OEMAKE = "'CC=${CC}' 'AR=${AR}' 'HOSTCC=${BUILD_CC} ${BUILD_CFLAGS} ${BUILD_LDFLAGS}' \
                'CFLAGS=${CFLAGS}' 'LDFLAGS=${LDFLAGS}' 'PKG_CONFIG=pkg-config' SETUP=no 'BUILD=${B}' \
                'LUA_CFLAGS=`pkg-config --cflags lua`' 'LUA_LIB=`pkg-config --libs lua`' \
                'EDIT_LIBS=`pkg-config --libs libedit`' \
                'DKJSON=${LUNQ_DKJSON}' 'LUAUNIT=${LUNQ_LUAUNIT}' \
                'PREFIX=${prefix}' 'LIBDIR=${libdir}' 'LIBEXECDIR=${libexecdir}' \
                'UNITDIR=${systemd_system_unitdir}' 'UDEVDIR=${nonarch_base_libdir}/udev/rules.d' \
                'FIRMWAREDIR=${nonarch_base_libdir}/firmware' \
                'SYSUSERSDIR=${nonarch_libdir}/sysusers.d' 'TMPFILESDIR=${nonarch_libdir}/tmpfiles.d' \
                "
LUNQ_MODULES = "${WORKDIR}/lua-modules"
LUNQ_DKJSON = "`find ${LUNQ_MODULES} -name dkjson.lua`"
LUNQ_LUAUNIT = "`find ${LUNQ_MODULES} -name luaunit.lua`"

do_compile() {
    oe_runmake -C ${S} all
}

do_install() {
    oe_runmake -C ${S} DESTDIR=${D} install install-udev
    if ${@bb.utils.contains('DISTRO_FEATURES', 'systemd', 'true', 'false', d)}; then
        oe_runmake -C ${S} DESTDIR=${D} install-systemd
    fi
}

SYSTEMD_SERVICE:${PN} = "lunq-helper.socket"

USERADD_PACKAGES = "${PN}"
GROUPADD_PARAM:${PN} = "-r lunq"

FILES:${PN} += "${nonarch_libdir}/sysusers.d ${nonarch_libdir}/tmpfiles.d ${nonarch_base_libdir}/firmware \
                ${datadir}/lunq"
FILES:${PN}-dev += "${libdir}/liblunq.so"
