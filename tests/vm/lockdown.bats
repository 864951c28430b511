#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Under the kernel's lockdown, which only grows until the next boot: scripts/run-tests runs this file after the others.

load lib

setup() {
	sandbox
	pair
}

teardown() {
	sandbox_clear
}

@test "the program loads and answers under lockdown for integrity, and for confidentiality" {
	for level in integrity confidentiality; do
		echo "$level" >/sys/kernel/security/lockdown
		grep -qF "[$level]" /sys/kernel/security/lockdown
		agent_start
		ak set 10.0.0.50 "$ELSEWHERE"
		answered h1 10.0.0.50 "$ELSEWHERE"
		agent_stop
	done
}
