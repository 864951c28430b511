# SPDX-License-Identifier: MIT
# Included by the Makefile, whose variables it uses.

# Long versions of tests that the system tests run for a moment. SOAK_SEED repeats a run.
# SOAK_FLUSHES: of the endurance part. It draws $(BUILD)/soak/endure/endure.svg.
SOAK_ROUNDS ?= 1000
SOAK_FLUSHES ?= 200000

soak: setup
	@+$(MAKE) --no-print-directory $(BUILD)/arpkeeper
	ARPKEEPER=$(BUILD)/arpkeeper tests/soak/kill.py --work $(abspath $(BUILD))/soak/kill --rounds $(SOAK_ROUNDS) $(SOAK_SEED:%=--seed %)
	ARPKEEPER=$(BUILD)/arpkeeper tests/soak/power.py --work $(abspath $(BUILD))/soak/power $(SOAK_SEED:%=--seed %)
	ARPKEEPER=$(BUILD)/arpkeeper tests/soak/beside.py --work $(abspath $(BUILD))/soak/beside $(SOAK_SEED:%=--seed %)
	ARPKEEPER=$(BUILD)/arpkeeper tests/soak/endure.py --work $(abspath $(BUILD))/soak/endure --flushes $(SOAK_FLUSHES) $(SOAK_SEED:%=--seed %)
.PHONY: soak
