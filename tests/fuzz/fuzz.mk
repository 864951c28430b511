# SPDX-License-Identifier: MIT
# Included by the Makefile, whose variables it uses.
#
#   make fuzz                 a million frames: the program against the reference, tests/fuzz
#   make fuzz FRAMES=100000   fewer

# The reference and what compares it with the program: for the frame table, too.
$(BUILD)/libpair.a: $(patsubst %,$(BUILD)/tests/fuzz/%.o,pair reference)
	$(Q)rm -f $@ && $(AR) rcs $@ $^

$(BUILD)/tests/fuzz/pair.o: | $(BUILD)/arpkeeper.skel.h
$(BUILD)/bpf-tests/test_fields: $(BUILD)/libpair.a
