#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Three agents on one wire, and a hub of stock git. `make soak` has ten of them, more rounds of more kinds, and ten minutes of rest;
# WIRE_SEED repeats a run.

load lib

@test "agents on one wire, some of which lose the hub, come to the table that follows from what was done, and then to rest" {
	# So many exchanges of each at least as ten minutes of rest have.
	"$ROOT/tests/soak/wire.py" --work "$RESULTS/wire" --nodes 3 --rounds 1 --kind hub_is_refused --rests 12 --minutes 0 \
		${WIRE_SEED:+--seed "$WIRE_SEED"} 3>&-
}
