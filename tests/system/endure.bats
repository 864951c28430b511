#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What an agent holds does not grow: mappings, descriptors, memory. `make soak` does the same for 200,000
# flushes and 2,000 rounds, and compares CPU, too; ENDURE_SEED repeats a run.

load lib

setup() {
	sandbox
}

teardown() {
	sandbox_clear
}

endure() {
	local soak=$1
	shift
	"$ROOT/tests/soak/$soak.py" --work "$RESULTS/$soak" "$@" ${ENDURE_SEED:+--seed "$ENDURE_SEED"} 3>&-
}

@test "300 flushes and 900 reverts with upkeep, pushes and looks back: what the agent holds does not grow" {
	endure endure --flushes 300 --reverts 3 --others 20
}

@test "contests, dead addresses, alerts, the kernel's table, links, clients, dead recorders: what the keeper holds does not grow" {
	endure keeper --rounds 40 --seconds 0.5 --memory 0.5
}
