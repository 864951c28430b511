#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Stock git beside a busy agent (DESIGN 4, invariant 6). `make soak` does it for longer;
# BESIDE_SEED repeats a run.

load lib

setup() {
	sandbox
}

teardown() {
	sandbox_clear
}

@test "pushes, gc, repack, prune, pack-refs, maintenance, clones and update-ref beside a busy agent lose nothing" {
	"$ROOT/tests/soak/beside.py" --work "$RESULTS/beside" --seconds 10 \
		${BESIDE_SEED:+--seed "$BESIDE_SEED"} 3>&-
}

@test "a multi-pack index that git wrote, and took away again, does not blind the agent" {
	pair
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	clone
	write_entry 10.0.0.81 02:bb:bb:bb:bb:81
	git -C "$CLONE" commit -qm 'for later'
	git -C "$REPO" fetch -q "$CLONE" HEAD:later
	git -C "$REPO" repack -dq
	git -C "$REPO" multi-pack-index write --no-progress
	# What is new makes the agent look for packs, and find the index.
	git -C "$CLONE" checkout -q -b now HEAD~1
	write_entry 10.0.0.82 02:bb:bb:bb:bb:82
	git -C "$CLONE" commit -qm 'for now'
	git -C "$CLONE" push -q origin HEAD:merge/now
	git -C "$REPO" repack -adq
	ak merge later
	recorded 10.0.0.81
	ak set 10.0.0.51 "$ELSEWHERE"
	recorded 10.0.0.51 "$ELSEWHERE"
	await 5 at_rest
	refuses grep -q 'cannot be written' "$RESULT/agent.log"
}
