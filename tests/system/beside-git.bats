#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Stock git beside a busy agent (DESIGN 4, invariant 6). `make soak` does it for longer;
# BESIDE_SEED repeats a run.

load lib

@test "pushes, gc, repack, prune, pack-refs, maintenance, clones and update-ref beside a busy agent lose nothing" {
	"$ROOT/tests/soak/beside.py" --work "$RESULTS/beside" --seconds 10 \
		${BESIDE_SEED:+--seed "$BESIDE_SEED"} 3>&-
}
