#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# kill -9 at random moments, under load (invariants 1 to 3, see invariants.bats). `make soak` does a thousand
# rounds of it; KILL_ROUNDS and KILL_SEED say how many here, and which.

load lib

@test "an agent killed at random moments under load loses nothing promised and leaves nothing in the way" {
	"$ROOT/tests/soak/kill.py" --work "$RESULTS/kill" --rounds "${KILL_ROUNDS:-12}" \
		${KILL_SEED:+--seed "$KILL_SEED"} 3>&-
}
