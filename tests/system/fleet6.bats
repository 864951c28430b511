#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A fleet whose segment has IPv6: two agents on wires of their own, and a hub of stock git.
# shellcheck disable=SC2034 # fleet.bash reads the variables

load lib
load ipv6
load nodes
load fleet

setup() {
	local space name device last
	sandbox
	pair
	far_wire
	for space in keeper=lan0=1 keeper-b=lan0=2 h1=eth0=11 h2=eth0=12; do
		IFS='=' read -r name device last <<<"$space"
		speaks6 "$name" "$device"
		ip -n "$ID-$name" addr add "$LAN6::$last/64" dev "$device" nodad
	done
	HUB=$RESULT/hub.git
	SEGMENT_LINES=("$LAN6_LINES" 'timeout = 5m')
	git init -q --bare "$HUB"
	on b
	up
	on a
	up
}

teardown() {
	nodes_clear
}

# said_by NODE ADDRESS: the fleet's log has that node's words about the address.
said_by() {
	ak log --fleet "$2" | grep -q "$1"
}

@test "an IPv6 host that one node hears is answered at the other's wire" {
	inside h1 ping -6 -q -c 1 -W 2 "$LAN6::1"
	await 15 holds "$LAN6::11" dynamic "$(host_mac 1)"
	await 30 meets b holds "$LAN6::11" dynamic "$(host_mac 1)"
	ours "$LAN6::11"
	on b
	foreign "$LAN6::11"
	solicited_is h2 "$LAN6::11" "$(host_mac 1)"
	recorded6 "$LAN6::11" "$(host_mac 1)" dynamic
	git -C "$REPO" log --format=%b main -- "$(path6_of "$LAN6::11")" | grep -qx 'Node: leaf-a'
	await 30 quiet
}

@test "an IPv6 network that one node sets and the other unsets stays gone, also when a node was killed" {
	ak set "$LAN6::50-$LAN6::53" "$ELSEWHERE"
	ak set "$LAN6::54" "$ELSEWHERE"
	await 30 meets b holds "$LAN6::54" static "$ELSEWHERE"
	at b holds "$LAN6::53" static "$ELSEWHERE"
	at b solicited_is h2 "$LAN6::53" "$ELSEWHERE"
	agent_kill
	at b ak unset "$LAN6::50/126"
	at b ak sync
	up
	await 30 meets a lacks "$LAN6::53"
	await 30 quiet
	for last in 50 51 52 53; do
		lacks "$LAN6::$last"
		at b lacks "$LAN6::$last"
	done
	holds "$LAN6::54" static "$ELSEWHERE"
	at b holds "$LAN6::54" static "$ELSEWHERE"
	said_by leaf-a "$LAN6::50"
	said_by leaf-b "$LAN6::50"
	same_tree
}
