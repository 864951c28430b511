# SPDX-License-Identifier: MIT
#
#   make            build/arpkeeper
#   make run        set up, build, and show the whole thing: the lab, FLEET=5 nodes of it, or IFACE=eth1
#   make test       set up, build, run every test
#   make bench      measure; prints a table, writes build/bench.json
#   make fuzz       a million frames: the XDP program against a reference; each parser for a minute
#   make soak       kill it a thousand times, and let it run for long: two hours
#   make test-web   the page in a browser; make page makes the page again, after a build without npm or the network
#   make lint       clang-format, clang-tidy, cppcheck, shellcheck, and the rooms
#   make dist, deb  a release archive; the Debian package, made of it; test-package: in a chroot with systemd
#   make test-distro    build and test on other releases of Debian; make test-arch: for arm64 and s390x
#   make test-sanitize, format, install (DESTDIR, PREFIX), clean
#
# SANITIZE=1 builds with ASan and UBSan, into a directory of its own; V=1 shows every command.
# LINK=shared links with the system's shared libraries: each command then takes three times as long to start.

# As many at once as there are CPUs; what must come in order is one recipe.
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += -j$(shell nproc)
endif

Q := $(if $(V),,@)
say = $(if $(V),,@printf '  %-6s %s\n' '$(1)' '$(2)')

ifdef SANITIZE
BUILD ?= build/sanitize
SANITIZERS := -fsanitize=address,undefined -fno-omit-frame-pointer -fno-sanitize-recover=undefined
# A short command's time was mostly its start and end. At fixed addresses UBSan's 4 MB of descriptions need no relocation, and the
# sanitizers' archives no symbol search: two thirds of the CPU time.
PROGRAM_LDFLAGS := -no-pie -static-libasan -static-libubsan
endif
BUILD ?= build
PREFIX ?= /usr/local
DESTDIR ?=

CC := gcc
CLANG ?= clang
BPFTOOL ?= $(firstword $(shell command -v bpftool) /usr/sbin/bpftool)
PKG_CONFIG ?= pkg-config
MULTIARCH := $(shell $(CC) -print-multiarch)
VERSION := $(shell sed -n 's/^## \[\([0-9][^]]*\)\].*/\1/p' CHANGELOG.md 2>/dev/null | head -n 1)

PACKAGES := libbpf libxdp libgit2 libdeflate libcrypto libuv libmnl jansson libcap-ng libseccomp libmicrohttpd ncursesw
WARNINGS := -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla
CPPFLAGS += -D_GNU_SOURCE -DARPKEEPER_VERSION='"$(VERSION)"' -Iinclude -Iuser -I$(BUILD)
# -g1: file and line, which is what a sanitizer prints.
CFLAGS ?= $(if $(SANITIZE),-O1 -g1,-O2 -g)
PACKAGE_CFLAGS := $(shell $(PKG_CONFIG) --cflags $(PACKAGES) 2>/dev/null)
CFLAGS += -std=gnu11 $(WARNINGS) -fstack-protector-strong $(SANITIZERS) $(PACKAGE_CFLAGS)

# Most of a short command's time was the dynamic linker's, with 34 libraries. So the binary contains what it uses
# of them, and libgit2 without what reaches other machines (user/base/offline.c). Shared are those that git loads, too,
# and libmnl, of which Debian has no archive. What the archives use themselves differs between releases of Debian.
USED := $(sort $(shell $(PKG_CONFIG) --static --libs $(PACKAGES) libuv-static 2>/dev/null))
SHARED := -Wl,--as-needed $(shell $(PKG_CONFIG) --libs $(PACKAGES) 2>/dev/null) -lpthread
ifeq ($(LINK),shared)
LDLIBS := $(SHARED)
else
LIBGIT2 := $(BUILD)/libgit2-offline.a $(BUILD)/libmicrohttpd-offline.a
# Debian 13's libelf.a calls what it does not contain: then it is shared, too.
LIBELF := $(shell nm $(shell $(CC) -print-file-name=libelf.a) 2>/dev/null | \
	awk '$$NF == "eu_search_tree_init" { has[$$(NF - 1)] = 1 } END { if (!has["U"] || has["T"]) print "-lelf" }')
LDLIBS := $(LIBGIT2) -Wl,-Bstatic $(filter -lhttp_parser -lllhttp -lmbedcrypto,$(USED)) -lxdp -lbpf $(LIBELF) -ldeflate -lcrypto \
	$(filter -luv_a -l:libuv.a,$(USED)) -ljansson -lcap-ng -lseccomp -lncursesw -ltinfo -Wl,-Bdynamic -Wl,--as-needed -lelf $(filter -lpcre2-8 -lz -lzstd,$(USED)) -lmnl -lpthread
endif
# The byte order of the machine that the compiler is for.
BPF_TARGET := $(if $(filter s390x-% powerpc-% powerpc64-%,$(MULTIARCH)),bpfeb,bpfel)
# What only tests run is linked with gold, where it is installed: in a third of the time.
TEST_LINKER := $(if $(shell command -v ld.gold),-fuse-ld=gold)
# The program's BTF names its source; where that was built, it does not tell.
BPF_CFLAGS := -O2 -g -target $(BPF_TARGET) -mcpu=v3 -Wall -Wextra -Werror -Iinclude -I/usr/include/$(MULTIARCH) \
	-ffile-prefix-map=$(CURDIR)=.

# One archive a module. What a module may use is what follows it here, and nothing else: its
# tests are linked with just that, so an arrow the wrong way does not link.
MODULES := base sandbox wire entry fleet protocol ledger pack store sync upkeep format lookback merge reader history recorder config neighbour offload ports lists control client web agent cli
USES_base := base
USES_sandbox := sandbox base
USES_wire := wire base
USES_entry := entry wire base
USES_fleet := fleet entry wire base
USES_protocol := protocol entry wire base
USES_ledger := ledger protocol entry wire base
USES_pack := pack base
USES_store := store pack base
USES_sync := sync store pack base
USES_upkeep := upkeep store pack base
USES_format := format store pack protocol entry wire base
USES_lookback := lookback format store pack protocol entry wire base
USES_merge := merge format store pack protocol entry wire base
USES_reader := reader fleet lookback merge format upkeep store pack protocol entry wire base
USES_history := history fleet lookback merge format upkeep store pack protocol entry wire base
USES_recorder := recorder sandbox $(USES_history)
USES_config := config entry wire base
USES_neighbour := neighbour entry wire base
USES_offload := offload wire base
USES_ports := ports offload config entry wire base
USES_lists := lists entry wire base
USES_control := control base
USES_client := client control entry wire base
USES_web := web client control sandbox $(USES_reader)
USES_agent := agent sandbox control ports neighbour offload config $(USES_ledger)
USES_cli := cli web client lists sync $(USES_agent) reader $(USES_recorder)

archives = $(patsubst %,$(BUILD)/lib%.a,$(USES_$(1)))
objects = $(patsubst %.c,$(BUILD)/%.o,$(wildcard user/$(1)/*.c))

all: $(BUILD)/arpkeeper
.PHONY: all

# The page's files (user/web/page.mk) come before those of user/web/noassets.c.
$(BUILD)/arpkeeper: $(BUILD)/user/main.o $(BUILD)/web/assets.o $(call archives,cli) | $(LIBGIT2)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(PROGRAM_LDFLAGS) $(LDFLAGS) -Wl,-Map=$@.map -o $@ $(filter %.o,$^) -Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LDLIBS)

# Of two members that define a symbol the linker takes the first.
$(BUILD)/libgit2-offline.a: $(BUILD)/user/base/offline.o
	$(Q)printf '%s\n' 'CREATE $@' 'ADDMOD $<' 'ADDLIB $(shell $(CC) -print-file-name=libgit2.a)' SAVE END | $(AR) -M

# libmicrohttpd refers to GnuTLS, whose part it has without MHD_USE_TLS is none: nothing calls these functions. They stand in
# for six more libraries, and are made of the names that the archive of this release refers to.
$(BUILD)/notls.c:
	@mkdir -p $(@D)
	$(Q)nm $(shell $(CC) -print-file-name=libmicrohttpd.a) 2>/dev/null | \
		awk '$$1 == "U" && /gnutls_/ && !seen[$$2]++ { \
			print $$2 == "gnutls_malloc" ? "void *gnutls_malloc;" : \
				"int " $$2 "(void) { return " ($$2 == "gnutls_global_init" ? 0 : -1) "; }" }' >$@

$(BUILD)/notls.o: $(BUILD)/notls.c
	$(Q)$(CC) -O2 -fno-builtin -w -c -o $@ $<

$(BUILD)/libmicrohttpd-offline.a: $(BUILD)/notls.o
	$(Q)printf '%s\n' 'CREATE $@' 'ADDMOD $<' 'ADDLIB $(shell $(CC) -print-file-name=libmicrohttpd.a)' SAVE END | $(AR) -M

define module_rule
$(BUILD)/lib$(1).a: $(call objects,$(1))
	$$(Q)rm -f $$@ && $(AR) rcs $$@ $$^
endef
$(foreach m,$(MODULES),$(eval $(call module_rule,$(m))))

$(BUILD)/%.o: %.c
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c -o $@ $<

# The XDP program, and its skeleton for the agent.
$(BUILD)/%.bpf.o: %.bpf.c
	@mkdir -p $(@D)
	$(call say,BPF,$<)
	$(Q)$(CLANG) $(BPF_CFLAGS) -MMD -MP -c -o $@ $<

SKELETONS := $(BUILD)/arpkeeper.skel.h $(BUILD)/arpkeeper_fixed.skel.h
$(SKELETONS): $(BUILD)/%.skel.h: $(BUILD)/bpf/%.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name $*_bpf > $@.new && mv $@.new $@

$(call objects,offload): | $(SKELETONS)

# Unit tests: tests/unit/<module>/test_*.c, linked with what the module may use, and with shared libraries:
# their start is not measured. The tests' own code is compiled in half the time without optimisation.
# cmocka 2 has new names for what 1 had, which Debian 12 and 13 have.
$(BUILD)/tests/unit/%.o $(BUILD)/tests/bpf/%.o: CFLAGS += -O0 -DCMOCKA_DISABLE_DEPRECATION_WARNINGS
# The fleet's tests search, and try many worlds.
$(BUILD)/tests/unit/fleet/%.o: CFLAGS += $(if $(SANITIZE),,-O2)

UNIT_SOURCES := $(wildcard tests/unit/*/test_*.c)
UNIT_TESTS := $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(UNIT_SOURCES))

define unit_rule
$(BUILD)/unit/$(1)/%: $(BUILD)/tests/unit/$(1)/%.o $(call archives,$(1))
	@mkdir -p $$(@D)
	$$(call say,LINK,$$@)
	$$(Q)$(CC) $(CFLAGS) $(TEST_LINKER) $(LDFLAGS) -o $$@ $$< -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group -lcmocka $(SHARED)
endef
$(foreach m,$(MODULES),$(eval $(call unit_rule,$(m))))

unit-tests: $(UNIT_TESTS)
.PHONY: unit-tests

# BPF tests: the program under BPF_PROG_RUN. Benchmarks' own programs live in tests/bench.
BPF_TESTS := $(patsubst tests/bpf/%.c,$(BUILD)/bpf-tests/%,$(wildcard tests/bpf/test_*.c))
$(BUILD)/bpf-tests/%: $(BUILD)/tests/bpf/%.o $(call archives,offload)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(TEST_LINKER) $(LDFLAGS) -o $@ $< -Wl,--start-group $(filter %.a,$^) -Wl,--end-group -lcmocka $(SHARED)

$(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/bpf/test_*.c)): | $(SKELETONS)

bpf-tests: $(BPF_TESTS)
.PHONY: bpf-tests

-include user/web/page.mk scripts/targets.mk scripts/install.mk tests/system/system.mk tests/package/package.mk tests/attack/attack.mk tests/bench/bench.mk tests/soak/soak.mk tests/fuzz/fuzz.mk tests/vm/vm.mk tests/distro/distro.mk

.SECONDARY:
.DELETE_ON_ERROR:

-include $(shell find $(BUILD) \( -path $(BUILD)/sanitize -o -path $(BUILD)/distro -o -path $(BUILD)/test-results -o -path '$(BUILD)/deb*' -o -path '$(BUILD)/package-root*' \) -prune -o -type f -name '*.d' -print 2>/dev/null)
