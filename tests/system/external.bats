#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Another process writes the table: bpftool, as an example.

load lib

setup() {
	sandbox
	pair
	agent_start
}

teardown() {
	sandbox_clear
}

slot() {
	"$HERE/table" map "$PINS/neigh_slots" "$LAN" --slots | grep "^$1 " || echo "$1 none"
}

@test "the agent takes over a binding written with bpftool, and records it as external" {
	write_slot 10.0.0.70 02:bb:bb:bb:bb:70 1 1
	await 5 recorded 10.0.0.70 02:bb:bb:bb:bb:70 dynamic
	holds 10.0.0.70 dynamic 02:bb:bb:bb:bb:70
	run git -C "$REPO" log -1 --format=%B main -- "$(path_of 10.0.0.70)"
	says "external: 10.0.0.70" "Task: external/"
	answered h1 10.0.0.70 02:bb:bb:bb:bb:70
	await 5 at_rest
}

@test "a static binding changed with bpftool is recorded as external" {
	ak set 10.0.0.50 "$ELSEWHERE"
	write_slot 10.0.0.50 02:bb:bb:bb:bb:50 2 1
	await 5 recorded 10.0.0.50 02:bb:bb:bb:bb:50 static
	has_commit external
	await 5 at_rest
}

@test "a binding zeroed with bpftool is removed from history" {
	ak set 10.0.0.50 "$ELSEWHERE"
	write_slot 10.0.0.50 - 0 0
	await 5 unrecorded 10.0.0.50
	lacks 10.0.0.50
	has_commit external
	await 5 at_rest
}

@test "the agent corrects flags that contradict the policy, without a commit" {
	ak set 10.0.0.50 "$ELSEWHERE"
	write_slot 10.0.0.50 "$ELSEWHERE" 2 0
	await 5 answered h1 10.0.0.50 "$ELSEWHERE"
	[ "$(commits external)" -eq 0 ]
}

# heals ADDRESS MAC STATE FLAGS: the slot is again what it was, and history knows nothing of it.
heals() {
	local before
	before=$(slot "$1")
	write_slot "$@"
	await 5 slot_is "$1" "$before"
	await 5 at_rest
}

slot_is() {
	[[ $(slot "$1") == "$2" ]]
}

@test "the agent corrects invalid slots written with bpftool" {
	ak set 10.0.0.50 "$ELSEWHERE"
	heals 10.0.0.50 "$ELSEWHERE" 99 1
	heals 10.0.0.50 01:00:5e:00:00:01 2 1
	heals 10.0.0.50 - 2 1
	heals 10.0.0.71 ff:ff:ff:ff:ff:ff 1 1
	heals 10.0.0.72 - 1 1
	heals 10.0.0.0 02:bb:bb:bb:bb:00 2 1
	heals 10.0.0.255 02:bb:bb:bb:bb:ff 2 1
	answered h1 10.0.0.50 "$ELSEWHERE"
	[ "$(commits external)" -eq 0 ]
	grep -q external-invalid "$RESULT/agent.log"
}

@test "bpftool cannot take away the host's own address" {
	heals 10.0.0.1 02:bb:bb:bb:bb:01 2 1
	holds 10.0.0.1 local "$KEEPER_MAC"
}

@test "an entry that vanishes while it is being set does not stall the agent" {
	for _ in $(seq 10); do
		ak set 10.0.0.50 "$ELSEWHERE" >/dev/null
		write_slot 10.0.0.50 - 0 0
		await 5 lacks 10.0.0.50
	done
	ak set 10.0.0.51 "$ELSEWHERE"
	await 5 at_rest
}
