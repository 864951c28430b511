# SPDX-License-Identifier: MIT
# Included by the Makefile, whose variables it uses.
#
#   make fuzz                 a million frames: the program against the reference; and each parser for a minute
#   make fuzz FRAMES=100000 SECONDS=5    less of it
#   make fuzz-mutants         shows that they can fail: each mistake in the code under test must be found

# The reference and its comparison with the program. The frame table uses both.
$(BUILD)/libpair.a: $(patsubst %,$(BUILD)/tests/fuzz/%.o,pair reference reference_events reference_nd)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/tests/fuzz/pair.o: | $(BUILD)/arpkeeper.skel.h
$(BUILD)/bpf-tests/test_fields: $(BUILD)/libpair.a

# The fuzzers: clang's, with ASan and UBSan in what is compiled for them.
FUZZ_FLAGS := -gline-tables-only -O1 -std=gnu11 -fsanitize=address,undefined -fno-sanitize-recover=undefined
FUZZ_OBJECTS := $(patsubst %,$(BUILD)/fuzz/%.o,fuzz_frames world world_nd pair reference reference_events reference_nd \
	user/offload/index6_lines)

define fuzz_compile
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CLANG) $(CPPFLAGS) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link $(WARNINGS) -MMD -MP -c -o $@ $<
endef

$(BUILD)/fuzz/%.o: tests/fuzz/%.c | $(BUILD)/arpkeeper.skel.h
	$(fuzz_compile)

$(BUILD)/fuzz/fuzz_frames: $(FUZZ_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ $(shell $(PKG_CONFIG) --libs libbpf)

# A parser's target is linked with what its room may use. libFuzzer must see which branches are taken: so
# the parsers are compiled for it, and all else of their rooms is what everybody links with.
FUZZ_PARSERS := $(wildcard $(foreach room,wire entry fleet protocol ledger pack lists config,user/$(room)/*.c)) \
	$(patsubst %,user/%.c,control/control control/lines control/peer control/turns \
	agent/commands agent/forget agent/importer agent/import_rule agent/place agent/reconciler agent/reload agent/report \
	agent/set agent/waiting \
	recorder/take recorder/tell store/multiindex store/refs lookback/index_blocks lookback/index_change lookback/index_file lookback/index_key lookback/index_rows \
	offload/index6_lines offload/layout_record \
	web/instant web/listen web/map web/parameter web/route web/rowjson web/rows web/select web/table web/tablepage web/target)
FUZZ_TARGETS := bases config control entry index layout ledger lists multiindex pack packedrefs packets page recorder requests
FUZZ_ROOM_bases := pack
FUZZ_ROOM_config := config
FUZZ_ROOM_control := control
FUZZ_ROOM_entry := fleet
FUZZ_ROOM_index := lookback
FUZZ_ROOM_layout := offload
FUZZ_ROOM_ledger := ledger
FUZZ_ROOM_lists := lists
FUZZ_ROOM_multiindex := store
FUZZ_ROOM_pack := pack
FUZZ_ROOM_packedrefs := store
FUZZ_ROOM_packets := protocol
FUZZ_ROOM_page := web
FUZZ_ROOM_recorder := recorder
FUZZ_ROOM_requests := agent

fuzz_objects = $(foreach source,$(wildcard user/$(1)/*.c),$(if $(filter $(source),$(FUZZ_PARSERS)),$(BUILD)/fuzz/$(source:.c=.o),$(BUILD)/$(source:.c=.o)))
fuzz_archives = $(patsubst %,$(BUILD)/fuzz/lib%.a,$(USES_$(FUZZ_ROOM_$(1))))

$(BUILD)/fuzz/user/%.o: user/%.c
	$(fuzz_compile)

define fuzz_archive
$(BUILD)/fuzz/lib$(1).a: $(call fuzz_objects,$(1))
	$$(Q)mkdir -p $$(@D) && rm -f $$@ && $(AR) rcs $$@ $$^
endef
$(foreach room,$(sort $(foreach target,$(FUZZ_TARGETS),$(USES_$(FUZZ_ROOM_$(target))))),$(eval $(call fuzz_archive,$(room))))

define fuzz_target
$(BUILD)/fuzz/fuzz_$(1): $(BUILD)/fuzz/fuzz_$(1).o $(call fuzz_archives,$(1)) | $(LIBGIT2)
	$$(call say,LINK,$$@)
	$$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $$@ $$< -Wl,--start-group $$(filter %.a,$$^) -Wl,--end-group $(LDLIBS)
endef
$(foreach target,$(FUZZ_TARGETS),$(eval $(call fuzz_target,$(target))))

FRAMES ?= 1000000
SECONDS ?= 60

fuzz-build: $(patsubst %,$(BUILD)/fuzz/fuzz_%,frames $(FUZZ_TARGETS))
fuzz: setup
	@+$(MAKE) --no-print-directory fuzz-build
	@BUILD=$(BUILD) tests/fuzz/frames $(FRAMES) 3600
	@BUILD=$(BUILD) tests/fuzz/parsers --seconds $(SECONDS) $(FUZZ_TARGETS)
fuzz-mutants: setup
	@tests/fuzz/mutants
.PHONY: fuzz fuzz-build fuzz-mutants
