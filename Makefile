# LUNQ: `make run` and `make test` do everything on a bare Debian 12 machine.
#   make [SANITIZE=1] [V=1] [CC=] [CFLAGS=] [LUA_DIR=lua-5.4.8] [CROSS=aarch64-linux-gnu-]
#   make run | test | check | stress | bench | lint | format | fuzz | reference | clean | setup
#   make install PREFIX= DESTDIR=
#   make lab-qtest   compares the models with those of QEMU, which it installs

VERSION = 0.1.0
SOVERSION = 0

CC = $(CROSS)gcc
AR = $(CROSS)ar
HOSTCC ?= cc
CLANG ?= clang
CLANG_FORMAT ?= clang-format
CPPCHECK ?= cppcheck
LUACHECK ?= luacheck
PKG_CONFIG ?= $(CROSS)pkg-config
PREFIX ?= /usr/local
FUZZ_SECONDS ?= 10
BUILD ?= build$(if $(SANITIZE),/asan)

CFLAGS ?= -O2 -g
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wvla -Wno-unused-parameter
SAN = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
ALL_CFLAGS = -std=gnu11 $(WARN) -fPIC -D_GNU_SOURCE $(if $(SANITIZE),$(SAN)) $(CFLAGS)

DEFINES = -DLUNQ_VERSION='"$(VERSION)"' -DLUNQ_MULTIARCH='"$(shell $(CC) -print-multiarch)"'

# Debian's static Lua, or the sources in LUA_DIR (a Lua 5.4 source tree with src/liblua.a built).
# Asked for when a recipe needs it, not before: `make run` may have to install pkg-config first.
ifdef LUA_DIR
LUA_CFLAGS = -I$(LUA_DIR)/src
LUA_LIB = $(LUA_DIR)/src/liblua.a
else
LUA_CFLAGS = $(shell $(PKG_CONFIG) --cflags lua5.4 2>/dev/null)
LUA_LIB = $(shell $(PKG_CONFIG) --variable=libdir lua5.4 2>/dev/null)/liblua5.4.a
endif
LIBS = -lexpat -lfdt -luv -lm
# libedit goes in whole where its archive is: with the four libraries behind it, loading it takes
# longer than all the rest of the start. expat and libfdt stay shared: they read files from strangers
# and get their security updates from Debian.
EDIT_LIBS = $(if $(findstring /,$(shell $(CC) -print-file-name=libedit.a)),\
    -Wl$(comma)-Bstatic -ledit -ltinfo -lbsd -lmd -Wl$(comma)-Bdynamic,-ledit)
comma = ,

LIB_SRC := $(wildcard host/core/*.c host/design/*.c host/device/*.c host/device/*/*.c host/device/*/*/*.c)
BIND_SRC := $(wildcard bindings/*.c)
PROG_SRC := $(wildcard host/*.c)
LUA_SRC := $(wildcard lua/lunq/*.lua lua/lunq/*/*.lua)
DRIVER_SRC := $(wildcard drivers/*.lua)
DKJSON ?= /usr/share/lua/5.4/dkjson.lua
LUAUNIT ?= /usr/share/lua/5.4/luaunit.lua

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))
LIB_OBJ = $(call obj,$(LIB_SRC))
BIND_OBJ = $(call obj,$(BIND_SRC))
PROG_OBJ = $(call obj,$(PROG_SRC)) $(BIND_OBJ) $(BUILD)/embedded.o

.PHONY: all setup run test check lab-qtest bench lint format fuzz fuzzers example reference install clean FORCE
.DELETE_ON_ERROR:
# Commands are shown in short; V=1 shows them whole.
Q = $(if $(V),,@)
say = $(if $(V),,@echo '  $(1)  $(2)')
all: $(BUILD)/lunq $(BUILD)/liblunq.a $(BUILD)/liblunq.so

# ---- building -----------------------------------------------------------------------------------

-include $(patsubst %.o,%.d,$(LIB_OBJ) $(PROG_OBJ))

# Stops with the names of the missing packages instead of a page of compiler errors.
build/.tools:
	@sh tools/setup.sh --check build
	@mkdir -p build && touch $@

# Compiler and flags are a dependency: another CC or CFLAGS builds everything again.
FLAGS = $(CC) $(ALL_CFLAGS) $(LUA_DIR)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(FLAGS)' | cmp -s - $@ || echo '$(FLAGS)' > $@

# Only the bindings and the program see lua.h (STYLE.md); the library compiles without it.
$(BUILD)/%.o: %.c $(BUILD)/flags | build/.tools
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(DEFINES) $(if $(filter $<,$(LIB_SRC)),,$(LUA_CFLAGS)) -MMD -MP -c -o $@ $<

# Numeric kernels: vectorised (lua-c.md section 2, item 6).
$(BUILD)/host/core/kernels.o: ALL_CFLAGS += -O3

build/embed: tools/embed.c | build/.tools
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -O1 -o $@ $<

module = $(subst /,.,$(patsubst lua/%.lua,%,$(patsubst drivers/%.lua,drivers/%,$(patsubst lua/lunq/init.lua,lua/lunq.lua,$(1)))))
# The list itself is a dependency, so that an added or removed file is noticed.
EMBED_LIST = $(foreach f,$(LUA_SRC) $(DRIVER_SRC),$(call module,$f)=$f) dkjson=$(DKJSON) \
    luaunit=$(LUAUNIT) lunq.c_docs=$(BUILD)/c_docs.lua
$(BUILD)/embed.list: FORCE
	@mkdir -p $(@D)
	@echo '$(EMBED_LIST)' | cmp -s - $@ || echo '$(EMBED_LIST)' > $@
# What the comments of the bindings say, for help().
$(BUILD)/c_docs.lua: tools/docs.awk $(BIND_SRC)
	$(Q)LC_ALL=C awk -f tools/docs.awk $(BIND_SRC) > $@
$(BUILD)/embedded.c: build/embed $(BUILD)/embed.list $(BUILD)/c_docs.lua $(LUA_SRC) $(DRIVER_SRC)
	$(Q)build/embed $(EMBED_LIST) > $@
$(BUILD)/embedded.o: $(BUILD)/embedded.c host/embed.h
	$(Q)$(CC) $(ALL_CFLAGS) -Ihost -c -o $@ $<

$(BUILD)/liblunq.a: $(LIB_OBJ)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) rcs $@ $^
# Only what the headers declare is visible to programs.
$(BUILD)/liblunq.so.$(SOVERSION): $(LIB_OBJ) tools/liblunq.map
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -shared -Wl,-soname,liblunq.so.$(SOVERSION) \
	    -Wl,--version-script=tools/liblunq.map -o $@ $(LIB_OBJ) $(LIBS)
$(BUILD)/liblunq.so: $(BUILD)/liblunq.so.$(SOVERSION)
	$(Q)ln -sf $(<F) $@

# Lua whole and exported: Debian's Lua C modules (lfs, system, term) find their symbols here.
$(BUILD)/lunq: $(PROG_OBJ) $(BUILD)/liblunq.a Makefile
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -Wl,-E -o $@ $(PROG_OBJ) $(BUILD)/liblunq.a \
	    -Wl,--whole-archive $(LUA_LIB) -Wl,--no-whole-archive $(LIBS) $(EDIT_LIBS) -ldl

# ---- the C example: a design and a DMA without Lua ----------------------------------------------

EXAMPLES := $(patsubst docs/c-example/%.c,$(BUILD)/example/%,$(wildcard docs/c-example/*.c))
example: $(EXAMPLES)
$(BUILD)/example/%: docs/c-example/%.c $(BUILD)/liblunq.a
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(LDFLAGS) -Ihost -o $@ $< $(BUILD)/liblunq.a $(LIBS)

# ---- fuzz targets: libFuzzer with the sanitizers, objects of their own --------------------------

FUZZERS := $(patsubst fuzz/%.c,build/fuzz/%,$(wildcard fuzz/fuzz_*.c))
FUZZ_CFLAGS = -std=gnu11 -g -O1 -D_GNU_SOURCE $(DEFINES) \
    -fsanitize=fuzzer-no-link,address,undefined \
    -fno-sanitize-recover=undefined
FUZZ_OBJ = $(patsubst %.c,build/fuzz/%.o,$(LIB_SRC) $(BIND_SRC))
.PRECIOUS: build/fuzz/%.o
-include $(patsubst %.o,%.d,$(FUZZ_OBJ)) $(addsuffix .d,$(FUZZERS))
build/fuzz/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CLANG) $(FUZZ_CFLAGS) $(LUA_CFLAGS) -MMD -MP -c -o $@ $<
build/fuzz/fuzz_%: fuzz/fuzz_%.c $(FUZZ_OBJ)
	$(call say,LD,$@)
	$(Q)$(CLANG) $(FUZZ_CFLAGS) -fsanitize=fuzzer $(LUA_CFLAGS) -Ihost -MMD -MP -MT $@ -o $@ $< \
	    $(FUZZ_OBJ) $(LUA_LIB) $(LIBS) -ldl
fuzzers: $(FUZZERS)

# ---- what a person types ------------------------------------------------------------------------

# Each sets the machine up first and then starts make again: what make itself asks for
# (pkg-config, the compiler) may have been missing a moment ago.
AGAIN = +@$(MAKE) --no-print-directory

setup:
	@sh tools/setup.sh build test

run:
	@sh tools/setup.sh build
	$(AGAIN) all
	@$(BUILD)/lunq overlays/dma_loopback/demo.lua

test: setup
	$(AGAIN) all example fuzzers
	$(AGAIN) SANITIZE=1 all
	@MAKE='$(MAKE)' FUZZ_SECONDS=$(FUZZ_SECONDS) sh tools/test.sh full

check: setup
	$(AGAIN) all example
	@MAKE='$(MAKE)' sh tools/test.sh quick

# A second opinion on the models: docs/qtest.md.
lab-qtest:
	@sh tools/setup.sh build test lab
	$(AGAIN) all
	@sh tools/test.sh lab-qtest

fuzz: setup
	$(AGAIN) fuzzers
	@FUZZ_SECONDS=$(FUZZ_SECONDS) sh tools/test.sh fuzz

# 32 DMA channels with random faults, under the sanitizers. It prints the seed; SEED= and ROUNDS= repeat
# a run exactly.
SECONDS ?= 10
stress:
	@sh tools/setup.sh build
	$(AGAIN) SANITIZE=1 all
	@build/asan/lunq spec/dma/stress.lua "$(SEED)" $(SECONDS) $(ROUNDS)

bench:
	@sh tools/setup.sh build bench
	$(AGAIN) all
	@sh bench/run

# The API reference: for browsers, as Markdown, and for editors (name its folder in workspace.library).
reference:
	@sh tools/setup.sh build
	$(AGAIN) build/reference/index.html build/reference/lunq.md build/reference/luacats/lunq.lua
build/reference/index.html: FORM = --html
build/reference/luacats/lunq.lua: FORM = --luacats
build/reference/%: $(BUILD)/lunq
	@mkdir -p $(@D)
	$(call say,DOC,$@)
	$(Q)$(BUILD)/lunq reference $(FORM) > $@

C_FILES = $(shell git ls-files '*.c' '*.h' 2>/dev/null || find host bindings fuzz tools docs -name '*.[ch]')
lint:
	@sh tools/setup.sh lint
	$(LUACHECK) -q .
	@$(CLANG_FORMAT) --dry-run -Werror $(C_FILES)
	$(CPPCHECK) -q --std=c11 --error-exitcode=1 --inline-suppr --enable=warning,portability \
	    --suppressions-list=tools/cppcheck.txt -j2 -Ihost $(LIB_SRC) $(BIND_SRC) $(PROG_SRC)

format:
	@$(CLANG_FORMAT) -i $(C_FILES)

# Headers keep their folders: they include one another by relative paths.
DEST = $(DESTDIR)$(PREFIX)
HEADERS := host/lunq.h $(wildcard host/core/*.h) host/design/design.h host/design/bitstream.h
install: all
	install -d $(DEST)/bin $(DEST)/lib/pkgconfig $(DEST)/include/lunq/core $(DEST)/include/lunq/design \
	    $(DEST)/share/doc/lunq $(DEST)/share/lunq
	install $(BUILD)/lunq $(DEST)/bin/
	install -m 644 $(BUILD)/liblunq.a $(DEST)/lib/
	install $(BUILD)/liblunq.so.$(SOVERSION) $(DEST)/lib/
	ln -sf liblunq.so.$(SOVERSION) $(DEST)/lib/liblunq.so
	for h in $(HEADERS:host/%=%); do install -m 644 host/$$h $(DEST)/include/lunq/$$h || exit 1; done
	printf '%s\n' 'Name: lunq' 'Description: FPGA overlays, registers, memory and DMA' \
	    'Version: $(VERSION)' 'Cflags: -I$(PREFIX)/include/lunq' 'Libs: -L$(PREFIX)/lib -llunq' \
	    'Libs.private: $(LIBS)' > $(DEST)/lib/pkgconfig/lunq.pc
	install -m 644 README.md $(DEST)/share/doc/lunq/
	cp -R docs/. $(DEST)/share/doc/lunq/
	cp -R overlays $(DEST)/share/lunq/

clean:
	rm -rf build
