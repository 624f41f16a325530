################################################################################
#
# lunq-luaunit
#
################################################################################

LUNQ_LUAUNIT_VERSION = 3.4
LUNQ_LUAUNIT_SITE = https://deb.debian.org/debian/pool/main/l/lua-unit
LUNQ_LUAUNIT_SOURCE = lua-unit_$(LUNQ_LUAUNIT_VERSION).orig.tar.gz
LUNQ_LUAUNIT_LICENSE = BSD-2-Clause

# lunq builds it into its program.
define HOST_LUNQ_LUAUNIT_INSTALL_CMDS
	$(INSTALL) -D -m 0644 $(@D)/luaunit.lua $(HOST_DIR)/share/lunq/luaunit.lua
endef

$(eval $(host-generic-package))
