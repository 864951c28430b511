#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A fleet: two agents on wires of their own, and a hub of stock git. What one says, both have.
# shellcheck disable=SC2034 # fleet.bash reads the variables

load lib
load nodes
load fleet

setup() {
	sandbox
	pair
	far_wire
	HUB=$RESULT/hub.git
	SEGMENT_LINES=('timeout = 5m')
	git init -q --bare "$HUB"
	on b
	up
	on a
	up
}

teardown() {
	nodes_clear
}

# speaks N NODE: host N asks for the node's own address, so that the node learns it.
speaks() {
	request "h$1" "10.0.0.$2" --wait 0.1 || true
}

another_recorder() {
	local now
	now=$(recorder) && ((now && now != $1)) && look status --json | grep -q '"restarts": [1-9]'
}

a_hears_one() {
	speaks 1 1
	await 15 holds 10.0.0.11 dynamic "$(host_mac 1)"
	await 30 meets b holds 10.0.0.11 dynamic "$(host_mac 1)"
}

@test "a host that one node hears is answered at the other's wire, and is that node's" {
	a_hears_one
	ours 10.0.0.11
	on b
	foreign 10.0.0.11
	answered h2 10.0.0.11 "$(host_mac 1)"
	recorded 10.0.0.11 "$(host_mac 1)" dynamic
	has_commit sync
	git -C "$REPO" log --format=%b main -- "$(path_of 10.0.0.11)" | grep -qx 'Node: leaf-a'
	ak status --json | jq -e '.fleet.node == "leaf-b" and .fleet.nodes == 1 and .fleet.claims == 0'
	on a
	ak status --json | jq -e '.fleet.node == "leaf-a" and .fleet.claims == 1'
	ak stats --prometheus | grep -qx 'arpkeeper_fleet_claims 1'
	await 30 quiet
}

@test "what one node sets the other has, what either unsets is gone, and it stays so" {
	ak set 10.0.0.50 "$ELSEWHERE"
	await 30 meets b holds 10.0.0.50 static "$ELSEWHERE"
	at b answered h2 10.0.0.50 "$ELSEWHERE"
	at b ak unset 10.0.0.50
	await 30 meets a lacks 10.0.0.50
	await 30 quiet
	lacks 10.0.0.50
	at b lacks 10.0.0.50
	# Set anew at the other, it stands.
	at b ak set 10.0.0.50 "$ELSEWHERE"
	await 30 meets a holds 10.0.0.50 static "$ELSEWHERE"
	await 30 quiet
	same_tree
}

@test "a host whose address was unset elsewhere is learned again, and another recorder has nothing to add" {
	a_hears_one
	at b ak unset 10.0.0.11
	await 30 meets a lacks 10.0.0.11
	speaks 1 1
	await 15 holds 10.0.0.11 dynamic "$(host_mac 1)"
	await 30 meets b holds 10.0.0.11 dynamic "$(host_mac 1)"
	await 30 quiet
	before=$(tip)
	pid=$(recorder)
	kill -9 "$pid"
	await 15 another_recorder "$pid"
	await 30 quiet
	[[ $(tip) == "$before" ]]
	agent_kill
	up
	await 30 quiet
	[[ $(tip) == "$before" ]]
	same_tree
}

@test "a declared binding stands before what the other node hears" {
	on b
	speaks 2 2
	await 15 holds 10.0.0.12 dynamic "$(host_mac 2)"
	on a
	await 30 meets a holds 10.0.0.12 dynamic "$(host_mac 2)"
	foreign 10.0.0.12
	ak set 10.0.0.12 "$ELSEWHERE"
	ours 10.0.0.12
	await 30 meets b holds 10.0.0.12 static "$ELSEWHERE"
	await 30 quiet
	holds 10.0.0.12 static "$ELSEWHERE"
	at b holds 10.0.0.12 static "$ELSEWHERE"
}

@test "an address that its node expires goes at the other, which does not age it" {
	a_hears_one
	at b agent_stop --keep
	at a agent_stop --keep
	SEGMENT_LINES=('timeout = 1s')
	mute 1
	on b
	up
	# Its node is away, and it is as old as one that expires meanwhile.
	speaks 2 2
	await 15 holds 10.0.0.12 dynamic "$(host_mac 2)"
	mute 2
	await 30 lacks 10.0.0.12
	holds 10.0.0.11 dynamic "$(host_mac 1)"
	foreign 10.0.0.11
	on a
	up
	await 30 lacks 10.0.0.11
	await 30 meets b lacks 10.0.0.11
	at b has_commit sync
	await 30 quiet
}

@test "nodes that are killed go on where they were, and a hub that is wiped is filled again" {
	a_hears_one
	ak set 10.0.0.50 "$ELSEWHERE"
	await 30 meets b holds 10.0.0.50 static "$ELSEWHERE"
	on b
	agent_kill
	on a
	agent_kill
	rm -rf "$HUB"
	git init -q --bare "$HUB"
	up
	on b
	up
	on a
	await 30 meets b holds 10.0.0.11 dynamic "$(host_mac 1)"
	at b foreign 10.0.0.11
	git -C "$HUB" rev-parse -q --verify refs/heads/node/lan/leaf-a
	await 60 quiet
	same_tree
}
