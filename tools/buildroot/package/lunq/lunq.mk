################################################################################
#
# lunq
#
################################################################################

LUNQ_VERSION = 0.1.0
# The checkout this folder belongs to: there are no release tarballs.
LUNQ_SITE = $(realpath $(BR2_EXTERNAL_LUNQ_PATH)/../..)
LUNQ_SITE_METHOD = local
# The developers have not published a licence.
LUNQ_LICENSE = PROPRIETARY
LUNQ_REDISTRIBUTE = NO
LUNQ_DEPENDENCIES = \
	host-lunq-dkjson \
	host-lunq-luaunit \
	host-pkgconf \
	dtc \
	expat \
	libedit \
	libuv \
	lua

LUNQ_MAKE_OPTS = \
	$(TARGET_CONFIGURE_OPTS) \
	HOSTCC="$(HOSTCC)" \
	SETUP=no \
	BUILD=build/target \
	PREFIX=/usr \
	FIRMWAREDIR=/lib/firmware \
	LUA_CFLAGS="`$(PKG_CONFIG_HOST_BINARY) --cflags lua`" \
	LUA_LIB="`$(PKG_CONFIG_HOST_BINARY) --libs lua`" \
	EDIT_LIBS="`$(PKG_CONFIG_HOST_BINARY) --libs libedit`" \
	DKJSON=$(HOST_DIR)/share/lunq/dkjson.lua \
	LUAUNIT=$(HOST_DIR)/share/lunq/luaunit.lua

define LUNQ_BUILD_CMDS
	$(TARGET_MAKE_ENV) $(MAKE) -C $(@D) $(LUNQ_MAKE_OPTS) all
endef

define LUNQ_INSTALL_TARGET_CMDS
	$(TARGET_MAKE_ENV) $(MAKE) -C $(@D) $(LUNQ_MAKE_OPTS) \
		DESTDIR=$(TARGET_DIR) install install-udev
endef

define LUNQ_INSTALL_INIT_SYSTEMD
	$(TARGET_MAKE_ENV) $(MAKE) -C $(@D) $(LUNQ_MAKE_OPTS) \
		DESTDIR=$(TARGET_DIR) install-systemd
endef

define LUNQ_INSTALL_INIT_SYSV
	$(INSTALL) -D -m 0755 $(LUNQ_PKGDIR)/S50lunq-helper \
		$(TARGET_DIR)/etc/init.d/S50lunq-helper
endef

define LUNQ_USERS
	- - lunq -1 - - - - Device nodes and lunq-helper
endef

$(eval $(generic-package))
