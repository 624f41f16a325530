################################################################################
#
# lunq-dkjson
#
################################################################################

LUNQ_DKJSON_VERSION = 2.6
LUNQ_DKJSON_SITE = https://deb.debian.org/debian/pool/main/l/lua-dkjson
LUNQ_DKJSON_SOURCE = lua-dkjson_$(LUNQ_DKJSON_VERSION).orig.tar.gz
LUNQ_DKJSON_LICENSE = MIT

# lunq builds it into its program.
define HOST_LUNQ_DKJSON_INSTALL_CMDS
	$(INSTALL) -D -m 0644 $(@D)/dkjson.lua $(HOST_DIR)/share/lunq/dkjson.lua
endef

$(eval $(host-generic-package))
