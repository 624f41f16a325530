# LUNQ: `make run` and `make test` do everything on a bare Debian 12 machine.
#   make [SANITIZE=1] [V=1] [CC=] [CFLAGS=] [LUA_DIR=lua-5.4.8]
#   make CROSS=aarch64-linux-gnu- | arm-linux-gnueabihf- [STATIC=1] [SYSROOT=]   for a board, into build/TRIPLET
#   make run | test | check | stress | fdt-mutants | bench | lint | format | fuzz | reference | clean | setup
#   make install install-system PREFIX= DESTDIR=
#   make deb         a Debian package; with CROSS= (and STATIC=1) for a board
#   make cross-check | deb-check | systemd-check | recipe-check   runs what these, Buildroot's and Yocto's recipes make
#   make netlist-check   the specs of RTL on netlists of its Verilog, made by Yosys of AMD's primitives
#   make lab         lunq in guests with real kernels, on the device `linux`
#   make lab-qtest   compares the models with those of QEMU, which it installs

VERSION = 0.1.0
SOVERSION = 0

# For another machine: Debian's cross compiler, and Debian's libraries of that architecture unpacked into
# SYSROOT (tools/sysroot.sh), or a folder of your own that has usr/include and usr/lib/TRIPLET.
TRIPLET = $(patsubst %-,%,$(notdir $(CROSS)))
SYSROOT ?= $(if $(CROSS),build/sysroot/$(TRIPLET),/)
MULTIARCH = $(if $(CROSS),$(TRIPLET),$(shell $(CC) -print-multiarch))
# Static programs are linked with musl and libraries made for it (tools/static/libs.sh). MUSL= takes the
# compiler's own C library and its archives instead, as a build system with a toolchain of its own wants it.
MUSL ?= $(if $(STATIC),build/sysroot/$(MULTIARCH)/musl)
ifneq ($(MUSL),)
SYS_CFLAGS = -specs=$(MUSL)/gcc.specs
else ifdef CROSS
SYS_CFLAGS = -I$(SYSROOT)/usr/include -I$(SYSROOT)/usr/include/$(TRIPLET)
SYS_LIB = $(SYSROOT)/usr/lib/$(TRIPLET)
SYS_LDFLAGS = -L$(SYS_LIB) -Wl,-rpath-link,$(SYS_LIB):$(SYSROOT)/lib/$(TRIPLET)
endif

# What tools/setup.sh installs for this build.
SETUP_GROUPS = build $(if $(STATIC),static) $(if $(CROSS),$(firstword $(subst -, ,$(TRIPLET))))

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
BUILD ?= build$(if $(CROSS),/$(TRIPLET))$(if $(STATIC),/static)$(if $(SANITIZE),/asan)

# Static programs are for boards with little flash: small code, packed modules, unused parts left out.
SMALL = -Os -g -ffunction-sections -fdata-sections -fno-unwind-tables -fno-asynchronous-unwind-tables
CFLAGS ?= $(if $(STATIC),$(SMALL),-O2 -g)
WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wvla -Wno-unused-parameter
SAN = -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer
# 64-bit file offsets: 32-bit boards map registers above 2 GiB.
ALL_CFLAGS = -std=gnu11 $(WARN) $(if $(MUSL),-fno-pie,-fPIC) -D_GNU_SOURCE -D_FILE_OFFSET_BITS=64 \
    $(SYS_CFLAGS) $(if $(SANITIZE),$(SAN)) $(CFLAGS)

DEFINES = $(if $(STATIC),-DLUNQ_PACKED -DLUNQ_STATIC) -DLUNQ_VERSION='"$(VERSION)"' -DLUNQ_MULTIARCH='"$(MULTIARCH)"'

# Debian's static Lua, or the sources in LUA_DIR (a Lua 5.4 source tree with src/liblua.a built).
# Asked for when a recipe needs it, not before: `make run` may have to install pkg-config first.
ifdef LUA_DIR
LUA_CFLAGS = -I$(LUA_DIR)/src
LUA_LIB = $(LUA_DIR)/src/liblua.a
else ifneq ($(MUSL),)
LUA_CFLAGS = -I$(MUSL)/include/lua5.4
LUA_LIB = $(MUSL)/lib/liblua5.4.a
else ifdef CROSS
LUA_CFLAGS = -I$(SYSROOT)/usr/include/lua5.4
LUA_LIB = $(SYS_LIB)/liblua5.4.a
else
LUA_CFLAGS = $(shell $(PKG_CONFIG) --cflags lua5.4 2>/dev/null)
LUA_LIB = $(shell $(PKG_CONFIG) --variable=libdir lua5.4 2>/dev/null)/liblua5.4.a
endif
LIBS = -lexpat -lfdt $(if $(STATIC),-l:libuv_a.a -lz $(if $(MUSL),-lhardened),-luv) -lm
# libedit goes in whole where its archive is: with the four libraries behind it, loading it takes
# longer than all the rest of the start. expat and libfdt stay shared: they read files from strangers
# and get their security updates from Debian.
EDIT_ARCHIVE = $(wildcard $(SYS_LIB)/libedit.a)$(findstring /,$(shell $(CC) -print-file-name=libedit.a))
EDIT_ALL = -ledit -ltinfo -lbsd -lmd
EDIT_LIBS = $(if $(MUSL),-ledit,$(if $(STATIC),$(EDIT_ALL),$(if $(EDIT_ARCHIVE),\
    -Wl$(comma)-Bstatic $(EDIT_ALL) -Wl$(comma)-Bdynamic,-ledit)))
comma = ,

LIB_SRC := $(wildcard host/core/*.c host/design/*.c host/device/*.c host/device/*/*.c host/device/*/*/*.c)
ifdef STATIC # no shared libraries, so no XRT
LIB_SRC := $(filter-out host/device/xrt/%,$(LIB_SRC))
endif
BIND_SRC := $(wildcard bindings/*.c)
PROG_SRC := $(wildcard host/*.c)
HELPER_SRC := $(wildcard host/helper/*.c)
LUA_SRC := $(wildcard lua/lunq/*.lua lua/lunq/*/*.lua)
DRIVER_SRC := $(wildcard drivers/*.lua)
# What `lunq rtl build` compiles models with; boards compile none.
RTL_SRC := $(if $(CROSS),,host/device/rtl/rtl_model.h $(wildcard lua/lunq/rtl/cpp/* lua/lunq/rtl/stubs/*.sv))
DKJSON ?= /usr/share/lua/5.4/dkjson.lua
LUAUNIT ?= /usr/share/lua/5.4/luaunit.lua

obj = $(patsubst %.c,$(BUILD)/%.o,$(1))
LIB_OBJ = $(call obj,$(LIB_SRC))
BIND_OBJ = $(call obj,$(BIND_SRC))
PROG_OBJ = $(call obj,$(PROG_SRC)) $(BIND_OBJ) $(BUILD)/embedded.o
HELPER_OBJ = $(call obj,$(HELPER_SRC))

.PHONY: all setup run test check cross-check netlist-check lab lab-qtest stress fdt-mutants bench lint format fuzz fuzzers example reference install install-system install-udev install-systemd recipe-check deb deb-check systemd-check clean FORCE
.DELETE_ON_ERROR:
# Commands are shown in short; V=1 shows them whole.
Q = $(if $(V),,@)
say = $(if $(V),,@echo '  $(1)  $(2)')
all: $(BUILD)/lunq $(BUILD)/lunq-helper $(BUILD)/liblunq.a $(if $(STATIC),,$(BUILD)/liblunq.so)

# ---- building -----------------------------------------------------------------------------------

-include $(patsubst %.o,%.d,$(LIB_OBJ) $(PROG_OBJ) $(HELPER_OBJ))

# Stops with the names of the missing packages instead of a page of compiler errors. SETUP=no: a build system
# sees to that.
TOOLS = build$(if $(CROSS),/$(TRIPLET))$(if $(STATIC),/static)/.tools
$(TOOLS): $(if $(MUSL),tools/static/libs.sh)
	$(if $(filter no,$(SETUP)),,@sh tools/setup.sh --check $(SETUP_GROUPS))
	$(if $(CROSS),@sh tools/sysroot.sh $(TRIPLET) $(SYSROOT))
	$(if $(MUSL),@sh tools/static/libs.sh $(MULTIARCH) $(SYSROOT) $(MUSL) $(CC))
	@mkdir -p $(@D) && touch $@

# Compiler and flags are a dependency: another CC or CFLAGS builds everything again.
FLAGS = $(CC) $(ALL_CFLAGS) $(LUA_DIR)
$(BUILD)/flags: FORCE
	@mkdir -p $(@D)
	@echo '$(FLAGS)' | cmp -s - $@ || echo '$(FLAGS)' > $@

# Only the bindings and the program see lua.h (STYLE.md); the library compiles without it.
$(BUILD)/%.o: %.c $(BUILD)/flags | $(TOOLS)
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(ALL_CFLAGS) $(DEFINES) $(if $(filter $<,$(LIB_SRC)),,$(LUA_CFLAGS)) -MMD -MP -c -o $@ $<

# Static programs are made small, but not what scripts call most.
HOT = bindings/l_buffer.o bindings/l_common.o bindings/l_mmio.o bindings/l_register.o host/core/mmio.o
$(addprefix $(BUILD)/,$(HOT)): ALL_CFLAGS += $(if $(STATIC),-O2)

# Numeric kernels: vectorised (lua-c.md section 2, item 6).
$(BUILD)/host/core/kernels.o: ALL_CFLAGS += $(if $(STATIC),-O2 -ftree-vectorize -fvect-cost-model=dynamic,-O3)

EMBED = build/embed$(if $(STATIC),-packed)
build/embed build/embed-packed: tools/embed.c | $(TOOLS)
	@mkdir -p $(@D)
	$(Q)$(HOSTCC) -O1 -o $@ $< $(if $(STATIC),-DPACK -lz)

module = $(subst /,.,$(patsubst lua/%.lua,%,$(patsubst drivers/%.lua,drivers/%,$(patsubst lua/lunq/init.lua,lua/lunq.lua,$(1)))))
# The list itself is a dependency, so that an added or removed file is noticed.
EMBED_LIST = $(foreach f,$(LUA_SRC) $(DRIVER_SRC),$(call module,$f)=$f) dkjson=$(DKJSON) \
    luaunit=$(LUAUNIT) lunq.c_docs=$(BUILD)/c_docs.lua \
    $(foreach f,$(RTL_SRC),$(patsubst cpp/%,rtl/%,$(patsubst stubs/%,rtl/stubs/%,$(patsubst host/device/%,%,$(patsubst lua/lunq/rtl/%,%,$f))))=$f)
$(BUILD)/embed.list: FORCE
	@mkdir -p $(@D)
	@echo '$(EMBED_LIST)' | cmp -s - $@ || echo '$(EMBED_LIST)' > $@
# What the comments of the bindings say, for help().
$(BUILD)/c_docs.lua: tools/docs.awk $(BIND_SRC)
	$(Q)LC_ALL=C awk -f tools/docs.awk $(BIND_SRC) > $@
$(BUILD)/embedded.c: $(EMBED) $(BUILD)/embed.list $(BUILD)/c_docs.lua $(LUA_SRC) $(DRIVER_SRC) $(RTL_SRC)
	$(Q)$(EMBED) $(EMBED_LIST) > $@
$(BUILD)/embedded.o: $(BUILD)/embedded.c host/embed.h
	$(Q)$(CC) $(ALL_CFLAGS) -Ihost -c -o $@ $<

$(BUILD)/liblunq.a: $(LIB_OBJ)
	@rm -f $@
	$(call say,AR,$@)
	$(Q)$(AR) rcs $@ $^
# Only what the headers declare is visible to programs.
$(BUILD)/liblunq.so.$(SOVERSION): $(LIB_OBJ) tools/liblunq.map
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(SYS_LDFLAGS) $(LDFLAGS) -shared -Wl,-soname,liblunq.so.$(SOVERSION) \
	    -Wl,--version-script=tools/liblunq.map -o $@ $(LIB_OBJ) $(LIBS)
$(BUILD)/liblunq.so: $(BUILD)/liblunq.so.$(SOVERSION)
	$(Q)ln -sf $(<F) $@

# Lua whole and exported: Debian's Lua C modules (lfs, system, term) find their symbols here. A static
# program loads no C modules.
LINK_LUA = $(if $(STATIC),$(LUA_LIB),-Wl$(comma)-E -Wl$(comma)--whole-archive $(LUA_LIB) -Wl$(comma)--no-whole-archive)
STATIC_LINK = $(if $(STATIC),-static -Wl$(comma)--gc-sections -Wl$(comma)-z$(comma)noseparate-code)
$(BUILD)/lunq: $(PROG_OBJ) $(BUILD)/liblunq.a Makefile $(if $(MUSL),$(TOOLS))
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(SYS_LDFLAGS) $(LDFLAGS) $(STATIC_LINK) -o $@ \
	    $(PROG_OBJ) $(BUILD)/liblunq.a $(LINK_LUA) $(LIBS) $(EDIT_LIBS) -ldl

# What needs root, for programs that are not.
$(BUILD)/lunq-helper: $(HELPER_OBJ) $(BUILD)/liblunq.a Makefile $(if $(MUSL),$(TOOLS))
	$(call say,LD,$@)
	$(Q)$(CC) $(ALL_CFLAGS) $(SYS_LDFLAGS) $(LDFLAGS) $(STATIC_LINK) -Wl,--gc-sections -Wl,--as-needed -o $@ $(HELPER_OBJ) \
	    $(BUILD)/liblunq.a $(LIBS)

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
	@sh tools/setup.sh $(if $(CROSS)$(STATIC),$(SETUP_GROUPS),build test)

run:
	@sh tools/setup.sh build
	$(AGAIN) all
	@$(BUILD)/lunq overlays/dma_loopback/demo.lua

test: setup
	$(AGAIN) all example fuzzers
	$(AGAIN) SANITIZE=1 all
	@MAKE='$(MAKE)' FUZZ_SECONDS=$(FUZZ_SECONDS) LAB_DIR='$(LAB_DIR)' sh tools/test.sh full

check: setup
	$(AGAIN) all example
	@MAKE='$(MAKE)' sh tools/test.sh quick

# A second opinion on the models: docs/qtest.md.
lab-qtest:
	@sh tools/setup.sh build test lab
	$(AGAIN) all
	@sh tools/test.sh lab-qtest

# Builds for both kinds of boards, dynamic and static, and runs what came out under QEMU.
cross-check:
	@sh tools/setup.sh build static aarch64 arm qemu
	+@for t in aarch64-linux-gnu- arm-linux-gnueabihf-; do \
	    for s in "" 1; do $(MAKE) --no-print-directory CROSS=$$t STATIC=$$s all || exit 1; done; \
	done
	@sh tools/test.sh cross

# The recipes of tools/buildroot and tools/yocto, with what those projects pass to them.
recipe-check:
	@sh tools/setup.sh build arm qemu
	@sh tools/sysroot.sh arm-linux-gnueabihf build/sysroot/arm-linux-gnueabihf
	@MAKE='$(MAKE)' sh tools/test.sh recipes

# Real kernels under QEMU: what Linux offers, and lunq on it. Kept in LAB_DIR between runs; the first takes
# about ten minutes. CASES="lunq-zynq" runs some, CASES=all adds Debian's own kernels.
LAB_DIR ?= $(CURDIR)/build/lab
lab:
	@sh tools/setup.sh build static aarch64 arm lablinux
	$(AGAIN) all
	+@for t in aarch64-linux-gnu- arm-linux-gnueabihf-; do \
	    for s in "" 1; do $(MAKE) --no-print-directory CROSS=$$t STATIC=$$s all || exit 1; done; \
	done
	@LAB_DIR=$(LAB_DIR) lab/linux/lab.sh $(CASES)

fuzz: setup
	$(AGAIN) $(BUILD)/lunq fuzzers
	@FUZZ_SECONDS=$(FUZZ_SECONDS) sh tools/test.sh fuzz

# 32 DMA channels with random faults, under the sanitizers. It prints the seed; SEED= and ROUNDS= repeat
# a run exactly.
SECONDS ?= 10
stress:
	@sh tools/setup.sh build
	$(AGAIN) SANITIZE=1 all
	@build/asan/lunq spec/dma/stress.lua "$(SEED)" $(SECONDS) $(ROUNDS)

# Damaged device-tree overlays, under the sanitizers: spec/design/fdt_mutants.lua.
MUTANTS ?= 100000
fdt-mutants:
	@sh tools/setup.sh build test
	$(AGAIN) SANITIZE=1 all
	@build/asan/lunq spec/design/fdt_mutants.lua $(MUTANTS) "$(SEED)"

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
# Named one by one: luacheck would walk through what build/ has below it, a Debian of make deb-check too.
LUA_FILES = $(shell git ls-files '*.lua' 2>/dev/null || find . -name build -prune -o -name '*.lua' -print)
lint:
	@sh tools/setup.sh lint
	@$(LUACHECK) -q $(LUA_FILES)
	@$(CLANG_FORMAT) --dry-run -Werror $(C_FILES)
	$(CPPCHECK) -q --std=c11 --error-exitcode=1 --inline-suppr --enable=warning,portability \
	    --suppressions-list=tools/cppcheck.txt -j2 -Ihost $(LIB_SRC) $(BIND_SRC) $(PROG_SRC) $(HELPER_SRC)

format:
	@$(CLANG_FORMAT) -i $(C_FILES)

# Headers keep their folders: they include one another by relative paths.
DEST = $(DESTDIR)$(PREFIX)
LIBDIR ?= $(PREFIX)/lib
LIBEXECDIR ?= $(PREFIX)/libexec
DEST_LIB = $(DESTDIR)$(LIBDIR)
HEADERS := host/lunq.h $(wildcard host/core/*.h) \
    $(addprefix host/design/,bitstream.h cards.h design.h xclbin_write.h)
install: all
	install -d $(DEST)/bin $(DEST_LIB)/pkgconfig $(DEST)/include/lunq/core $(DEST)/include/lunq/design \
	    $(DEST)/share/doc/lunq $(DEST)/share/lunq
	install -d $(DESTDIR)$(LIBEXECDIR) $(DEST)/share/man/man1 $(DEST)/share/man/man8
	install $(INSTALL_STRIP) $(BUILD)/lunq $(DEST)/bin/
	install $(INSTALL_STRIP) $(BUILD)/lunq-helper $(DESTDIR)$(LIBEXECDIR)/
	install -m 644 docs/man/lunq.1 $(DEST)/share/man/man1/
	install -m 644 docs/man/lunq-helper.8 $(DEST)/share/man/man8/
	install -m 644 $(BUILD)/liblunq.a $(DEST_LIB)/
ifndef STATIC
	install -m 644 $(INSTALL_STRIP) $(BUILD)/liblunq.so.$(SOVERSION) $(DEST_LIB)/
	ln -sf liblunq.so.$(SOVERSION) $(DEST_LIB)/liblunq.so
endif
	for h in $(HEADERS:host/%=%); do install -m 644 host/$$h $(DEST)/include/lunq/$$h || exit 1; done
	printf '%s\n' 'Name: lunq' 'Description: FPGA overlays, registers, memory and DMA' \
	    'Version: $(VERSION)' 'Cflags: -I$(PREFIX)/include/lunq' 'Libs: -L$(LIBDIR) -llunq' \
	    'Libs.private: $(LIBS)' > $(DEST_LIB)/pkgconfig/lunq.pc
	# The manual's links lead from file to file as in the sources.
	install -m 644 README.md $(DEST)/share/doc/lunq/
	install -D -m 644 drivers/README.md $(DEST)/share/doc/lunq/drivers/README.md
	cp -R docs $(DEST)/share/doc/lunq/
	rm -r $(DEST)/share/doc/lunq/docs/man
	cp -R overlays $(DEST)/share/lunq/
	ln -sfn ../../lunq/overlays $(DEST)/share/doc/lunq/overlays

# What makes lunq-helper and device nodes of a group part of a system: udev's rules; systemd's units and group.
UNITDIR ?= /usr/lib/systemd/system
UDEVDIR ?= /usr/lib/udev/rules.d
SYSUSERSDIR ?= /usr/lib/sysusers.d
TMPFILESDIR ?= /usr/lib/tmpfiles.d
FIRMWAREDIR ?= /usr/lib/firmware
install-system: install-udev install-systemd
install-udev:
	install -d $(DESTDIR)$(UDEVDIR)
	install -m 644 tools/systemd/60-lunq.rules $(DESTDIR)$(UDEVDIR)/
install-systemd:
	# Bitstreams go into the last one: the service can write there, but can't make it.
	install -d $(addprefix $(DESTDIR),$(UNITDIR) $(SYSUSERSDIR) $(TMPFILESDIR) $(FIRMWAREDIR))
	install -m 644 tools/systemd/lunq-helper.socket $(DESTDIR)$(UNITDIR)/
	sed 's,@LIBEXECDIR@,$(LIBEXECDIR),' tools/systemd/lunq-helper.service.in >$(DESTDIR)$(UNITDIR)/lunq-helper.service
	chmod 644 $(DESTDIR)$(UNITDIR)/lunq-helper.service
	install -m 644 tools/systemd/lunq.sysusers $(DESTDIR)$(SYSUSERSDIR)/lunq.conf
	install -m 644 tools/systemd/lunq.tmpfiles $(DESTDIR)$(TMPFILESDIR)/lunq.conf

DEB_ARCH = $(patsubst x86_64-%,amd64,$(patsubst aarch64-%,arm64,$(patsubst arm-%,armhf,$(MULTIARCH))))
deb: all
	@rm -rf $(BUILD)/deb
	$(Q)$(MAKE) -s --no-print-directory install install-system PREFIX=/usr LIBDIR=/usr/lib/$(MULTIARCH) DESTDIR=$(BUILD)/deb \
	    INSTALL_STRIP='-s --strip-program=$(CROSS)strip'
	$(Q)$(CROSS)strip -g $(BUILD)/deb/usr/lib/$(MULTIARCH)/liblunq.a
	$(Q)sh tools/deb.sh $(BUILD)/deb $(VERSION) $(DEB_ARCH) '$(STATIC)' \
	    $(BUILD)/lunq_$(VERSION)_$(DEB_ARCH).deb

# The stubs of AMD's primitives have to do what Yosys takes them for.
NETLISTS = build/netlists
netlist-check: all
	@sh tools/setup.sh build test netlist
	@for f in xc7 xcup; do \
	    sh tools/netlists.sh $(NETLISTS)/$$f $$f && LUNQ_NETLISTS=$(NETLISTS)/$$f $(BUILD)/lunq test \
	        spec/rtl/device_spec.lua spec/rtl/master_spec.lua spec/rtl/mover_spec.lua spec/rtl/mixed_spec.lua \
	        spec/rtl/clock_spec.lua || exit 1; done

# Installs it in a Debian of its own, and removes it. As root.
deb-check:
	@sh tools/setup.sh build deb
	$(AGAIN) deb
	@sh tools/deb-check.sh $(BUILD)/lunq_$(VERSION)_$(DEB_ARCH).deb build/deb-check

# Installs it in a Debian that systemd runs, in a virtual machine: units, folders, device nodes. As root.
systemd-check:
	@sh tools/setup.sh build deb machine
	$(AGAIN) deb
	@sh tools/systemd-check.sh $(BUILD)/lunq_$(VERSION)_$(DEB_ARCH).deb build/systemd-check

clean:
	rm -rf build
