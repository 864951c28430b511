# SPDX-License-Identifier: MIT
# Included by the Makefile, whose variables it uses.

# The BPF tests load the program from its skeleton.
$(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/bpf/test_*.c)): | $(BUILD)/arpkeeper.skel.h
