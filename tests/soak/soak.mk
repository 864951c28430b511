# SPDX-License-Identifier: MIT
# Included by the Makefile, whose variables it uses.

# Long versions of tests that the system tests run for a moment. SOAK_SEED repeats a run.
# The endurance parts draw what they measure: $(BUILD)/soak/endure/endure.svg of SOAK_FLUSHES, and
# $(BUILD)/soak/keeper/keeper.svg of SOAK_KEEPER_ROUNDS, half a second each.
SOAK_ROUNDS ?= 1000
SOAK_FLUSHES ?= 200000
SOAK_KEEPER_ROUNDS ?= 2000
SOAK_WORLDS ?= 1000000
SOAK_NODES ?= 100
SOAK_WIRE_ROUNDS ?= 60

# Links what an agent's keeper has of a ledger.
$(BUILD)/soak/fleet_owner: $(BUILD)/tests/soak/owner.o $(call archives,ledger)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) \
		-Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LDLIBS)

soak: setup
	@+$(MAKE) --no-print-directory $(BUILD)/arpkeeper $(BUILD)/unit/fleet/test_search $(BUILD)/unit/fleet/test_worlds $(BUILD)/unit/sync/test_kill \
		$(BUILD)/unit/history/test_fleet_kill $(BUILD)/soak/fleet_owner
	FLEET_WORLDS=$(SOAK_WORLDS) $(SOAK_SEED:%=FLEET_SEED=%) $(BUILD)/unit/fleet/test_worlds
	FLEET_SEARCH='2 11' $(BUILD)/unit/fleet/test_search
	FLEET_SEARCH='3 7 alone' $(BUILD)/unit/fleet/test_search
	FLEET_SEARCH='4 6 alone' $(BUILD)/unit/fleet/test_search
	FLEET_KILL_STRIDE=1 $(BUILD)/unit/sync/test_kill
	FLEET_KILL_STRIDE=1 $(BUILD)/unit/history/test_fleet_kill
	ARPKEEPER=$(BUILD)/arpkeeper tests/soak/wire.py --work $(abspath $(BUILD))/soak/wire --rounds $(SOAK_WIRE_ROUNDS) $(SOAK_SEED:%=--seed %)
	ARPKEEPER=$(BUILD)/arpkeeper tests/soak/fleet.py --work $(abspath $(BUILD))/soak/fleet --nodes $(SOAK_NODES) $(SOAK_SEED:%=--seed %)
	tests/soak/thousand.py --changes 1 $(SOAK_SEED:%=--seed %)
	tests/soak/thousand.py --hubs 32 $(SOAK_SEED:%=--seed %)
	ARPKEEPER=$(BUILD)/arpkeeper tests/soak/kill.py --work $(abspath $(BUILD))/soak/kill --rounds $(SOAK_ROUNDS) $(SOAK_SEED:%=--seed %)
	ARPKEEPER=$(BUILD)/arpkeeper tests/soak/power.py --work $(abspath $(BUILD))/soak/power $(SOAK_SEED:%=--seed %)
	ARPKEEPER=$(BUILD)/arpkeeper tests/soak/beside.py --work $(abspath $(BUILD))/soak/beside $(SOAK_SEED:%=--seed %)
	FSCKS=100 BUILD=$(BUILD) scripts/run-tests tests/system/invariants.bats
	scripts/setup --interop
	INTEROP=all BUILD=$(BUILD) scripts/run-tests interop
	ARPKEEPER=$(BUILD)/arpkeeper tests/soak/endure.py --work $(abspath $(BUILD))/soak/endure --flushes $(SOAK_FLUSHES) $(SOAK_SEED:%=--seed %)
	ARPKEEPER=$(BUILD)/arpkeeper tests/soak/keeper.py --work $(abspath $(BUILD))/soak/keeper --rounds $(SOAK_KEEPER_ROUNDS) $(SOAK_SEED:%=--seed %)
.PHONY: soak
