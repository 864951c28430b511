# SPDX-License-Identifier: MIT
# Included by the Makefile, whose variables it uses.
#
#   make fuzz                 a million frames: the program against the reference, tests/fuzz
#   make fuzz FRAMES=100000   fewer
#   make fuzz-mutants         shows that it can fail: it must find twenty mistakes, one at a time

# The reference and its comparison with the program. The frame table uses both.
$(BUILD)/libpair.a: $(patsubst %,$(BUILD)/tests/fuzz/%.o,pair reference)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/tests/fuzz/pair.o: | $(BUILD)/arpkeeper.skel.h
$(BUILD)/bpf-tests/test_fields: $(BUILD)/libpair.a

# The fuzzer: clang's, with ASan and UBSan in the harness and the reference.
FUZZ_FLAGS := -g -O1 -std=gnu11 -fsanitize=address,undefined -fno-sanitize-recover=undefined
FUZZ_OBJECTS := $(patsubst %,$(BUILD)/fuzz/%.o,fuzz_frames world pair reference)

$(BUILD)/fuzz/%.o: tests/fuzz/%.c | $(BUILD)/arpkeeper.skel.h
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CLANG) $(CPPFLAGS) $(FUZZ_FLAGS) -fsanitize=fuzzer-no-link $(WARNINGS) -MMD -MP -c -o $@ $<

$(BUILD)/fuzz/fuzz_frames: $(FUZZ_OBJECTS)
	$(call say,LINK,$@)
	$(Q)$(CLANG) $(FUZZ_FLAGS) -fsanitize=fuzzer -o $@ $^ $(shell pkg-config --libs libbpf)

FRAMES ?= 1000000

fuzz-build: $(BUILD)/fuzz/fuzz_frames
fuzz: setup
	@+$(MAKE) --no-print-directory fuzz-build
	@BUILD=$(BUILD) tests/fuzz/frames $(FRAMES) 3600
fuzz-mutants: setup
	@tests/fuzz/mutants
.PHONY: fuzz fuzz-build fuzz-mutants
