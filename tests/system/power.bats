#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The power fails, at every moment (invariants 2 and 5, see invariants.bats). `make soak` does it with a longer
# life; POWER_SEED repeats one.

load lib

@test "whenever the power fails, git fsck is clean, promised changes are there, and an agent starts" {
	"$ROOT/tests/soak/power.py" --work "$RESULTS/power" --changes 2 --mixtures 1 --starts 4 \
		${POWER_SEED:+--seed "$POWER_SEED"} 3>&-
}
