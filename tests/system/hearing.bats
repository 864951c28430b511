#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Behind a switch that snoops, a port hears solicitations for the addresses of the table, and for no others: because the
# agent reports their groups.

load lib
load ipv6
load snooping

setup() {
	sandbox6
	lan6 1
	switch_snoops
}

teardown() {
	sandbox_clear
}

unsolicited() {
	refuses inside h1 ndisc6 -q -r 1 -w 300 "$1" eth0
}

@test "a declared address is heard behind a switch that snoops, as long as the agent has it" {
	agent_start
	ak set "$LAN6::50" "$ELSEWHERE"
	await 5 group_at_switch ff00:50
	await 10 snoops
	solicited_is h1 "$LAN6::50" "$ELSEWHERE"
	ak unset "$LAN6::50"
	await 5 refuses group_at_switch ff00:50
	unsolicited "$LAN6::50"
}

@test "the switch's queries are answered, and without the agent it forgets the port" {
	agent_start
	ak set "$LAN6::50" "$ELSEWHERE"
	await 10 snoops
	# Longer than the switch remembers it: as many of its queries were answered.
	for _ in 1 2 3 4 5; do
		asked_anew
		group_at_switch ff00:50
	done
	solicited_is h1 "$LAN6::50" "$ELSEWHERE"
	[ "$(reported '.ports[0].hearing | .every_group, .groups >= 1, .version == 2' | sort -u)" = true ]
	[[ $(reported '.ports[0].hearing.querier') == fe80::* ]]
	agent_kill
	await 10 refuses group_at_switch ff00:50
}

@test "a querier of version 1 has reports of its version" {
	ip -n "$ID-switch" link set br0 type bridge mcast_mld_version 1
	agent_start
	ak set "$LAN6::50" "$ELSEWHERE"
	await 10 version_is 1
	await 10 snoops
	for _ in 1 2 3 4 5; do
		asked_anew
		group_at_switch ff00:50
	done
	solicited_is h1 "$LAN6::50" "$ELSEWHERE"
	ak unset "$LAN6::50"
	await 5 refuses group_at_switch ff00:50
}

version_is() {
	[[ $(reported '.ports[0].hearing.version') == "$1" ]]
}

@test "after a restart and after a link that was down, addresses are heard again" {
	agent_start
	ak set "$LAN6::50" "$ELSEWHERE"
	await 5 group_at_switch ff00:50
	agent_stop --keep
	await 10 refuses group_at_switch ff00:50
	agent_start
	await 5 group_at_switch ff00:50
	ip -n "$ID-switch" link set keeper down
	await 5 refuses group_at_switch ff00:50
	ip -n "$ID-switch" link set keeper up
	await 5 group_at_switch ff00:50
	await 10 snoops
	solicited_is h1 "$LAN6::50" "$ELSEWHERE"
	sed -i 's/\[segment "lan"\]/&\n\ttimeout = 20m/' "$CONFIG"
	ak reload
	solicited_is h1 "$LAN6::50" "$ELSEWHERE"
	await 5 group_at_switch ff00:50
}

@test "nd = off: no groups are reported, and the interface is as it was" {
	configure "$LAN6_LINES" 'nd = off'
	agent_start
	[ "$(reported '.ports[0].hearing')" = null ]
	ip -n "$ID-keeper" -d link show lan0 | grep -q 'allmulti 0'
	configure "$LAN6_LINES"
	ak reload
	await 5 allmulti
	agent_stop
	ip -n "$ID-keeper" -d link show lan0 | grep -q 'allmulti 0'
}

allmulti() {
	ip -n "$ID-keeper" -d link show lan0 | grep -q 'allmulti 1'
}
