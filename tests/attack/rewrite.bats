#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# No sequence of pushes takes a commit out of main's history.

load lib

setup() {
	attack_sandbox
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	ak set 10.0.0.51 "$ELSEWHERE"
}

teardown() {
	sandbox_clear
}

# pushes SEED COUNT
pushes() {
	mkdir "$SHORT/clones"
	python3 "$BATS_TEST_DIRNAME/rewrite.py" "$REPO" "$SHORT/clones" "$1" "$2" >"$RESULT/pushes" || {
		grep -B3 LOST "$RESULT/pushes" || tail -n 5 "$RESULT/pushes"
		return 1
	}
	tail -n 1 "$RESULT/pushes"
}

@test "random pushes do not rewrite main, while the agent merges" {
	pushes 1 100
	await 10 at_rest
}

@test "random pushes do not rewrite main without an agent, and it takes up what they left" {
	agent_kill
	pushes 2 100
	before=$(tip)
	agent_start
	git -C "$REPO" merge-base --is-ancestor "$before" main
	await 10 at_rest
}
