# LUNQ: `make run` and `make test` do everything on a bare Debian 12 machine.
#   make [SANITIZE=1] [CC=] [CFLAGS=] [LUA_DIR=lua-5.4.8] [CROSS=aarch64-linux-gnu-]
#   make run | test | bench | lint | fuzz | install PREFIX= | clean | setup

CC = $(CROSS)gcc
AR = $(CROSS)ar
HOSTCC ?= cc
PKG_CONFIG ?= $(CROSS)pkg-config
PREFIX ?= /usr/local
BUILD ?= build$(if $(SANITIZE),/asan)

CFLAGS ?= -O2 -g
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wvla -Wno-unused-parameter
ALL_CFLAGS = -std=gnu11 $(WARN) -fPIC -D_GNU_SOURCE $(if $(SANITIZE),$(SAN)) $(CFLAGS)
SAN = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer

# Debian's static Lua, or the sources in LUA_DIR (a Lua 5.4 source tree with src/liblua.a built).
ifdef LUA_DIR
LUA_CFLAGS = -I$(LUA_DIR)/src
LUA_LIB = $(LUA_DIR)/src/liblua.a
else
LUA_CFLAGS = $(shell $(PKG_CONFIG) --cflags lua5.4 2>/dev/null)
LUA_LIB = $(shell $(PKG_CONFIG) --variable=libdir lua5.4 2>/dev/null)/liblua5.4.a
endif

LIB_SRC := $(wildcard host/core/*.c host/design/*.c host/device/*.c host/device/*/*.c)
BIND_SRC := $(wildcard bindings/*.c)
PROG_SRC := $(wildcard host/*.c)
LUA_SRC := $(wildcard lua/lunq/*.lua lua/lunq/*/*.lua)
DRIVER_SRC := $(wildcard drivers/*.lua)
DKJSON ?= /usr/share/lua/5.4/dkjson.lua

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))
LIB_OBJ = $(call obj,$(LIB_SRC))
PROG_OBJ = $(call obj,$(PROG_SRC) $(BIND_SRC)) $(BUILD)/embedded.o

.PHONY: all setup run test check bench lint fuzz install clean
all: $(BUILD)/lunq $(BUILD)/liblunq.a $(BUILD)/liblunq.so

-include $(patsubst %.o,%.d,$(LIB_OBJ) $(PROG_OBJ))

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(if $(filter bindings/% host/main.c host/repl.c,$<),$(LUA_CFLAGS)) -MMD -MP -c -o $@ $<

# Numeric kernels: vectorised (lua-c.md section 2, item 6).
$(BUILD)/host/core/kernels.o: CFLAGS += -O3

$(BUILD)/embed: tools/embed.c
	@mkdir -p $(@D)
	$(HOSTCC) -O1 -o $@ $<

module = $(subst /,.,$(patsubst lua/%.lua,%,$(patsubst drivers/%.lua,drivers/%,$(patsubst lua/lunq/init.lua,lua/lunq.lua,$(1)))))
# The list itself is a dependency, so that an added or removed file is noticed.
EMBED_LIST = $(foreach f,$(LUA_SRC) $(DRIVER_SRC),$(call module,$(f:.lua=.lua))=$(f)) dkjson=$(DKJSON)
$(BUILD)/embed.list: FORCE
	@mkdir -p $(@D)
	@echo '$(EMBED_LIST)' | cmp -s - $@ || echo '$(EMBED_LIST)' > $@
FORCE:
$(BUILD)/embedded.c: $(BUILD)/embed $(BUILD)/embed.list $(LUA_SRC) $(DRIVER_SRC)
	$(BUILD)/embed $(EMBED_LIST) > $@
$(BUILD)/embedded.o: $(BUILD)/embedded.c
	$(CC) $(ALL_CFLAGS) -Ihost -c -o $@ $<

$(BUILD)/liblunq.a: $(LIB_OBJ)
	@rm -f $@
	$(AR) rcs $@ $^
$(BUILD)/liblunq.so: $(LIB_OBJ)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -shared -o $@ $^ -lexpat -lm

# Lua whole and exported: Debian's Lua C modules (lfs, system, term) find their symbols here.
$(BUILD)/lunq: $(PROG_OBJ) $(BUILD)/liblunq.a
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -Wl,-E -o $@ $(PROG_OBJ) $(BUILD)/liblunq.a \
	    -Wl,--whole-archive $(LUA_LIB) -Wl,--no-whole-archive -lexpat -ledit -lm -ldl

clean:
	rm -rf build
