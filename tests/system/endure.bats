#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# An agent that flushes all the time lets go of packs that upkeep removed. `make soak` does it for
# 200,000 flushes, and compares memory and CPU, too; ENDURE_SEED repeats a run.

load lib

setup() {
	sandbox
}

teardown() {
	sandbox_clear
}

@test "300 flushes with upkeep, pushes, reverts and looks back: what is held is bounded by what is on the disk" {
	"$ROOT/tests/soak/endure.py" --work "$RESULTS/endure" --flushes 300 \
		${ENDURE_SEED:+--seed "$ENDURE_SEED"} 3>&-
}
