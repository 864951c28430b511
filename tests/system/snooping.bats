#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Hosts behind a switch that snoops: they make their own addresses, with radvd, and are learned; an address that is declared for
# another host is refused to them; and the program answers for hosts that are elsewhere.

load lib
load ipv6
load slaac
load snooping

setup() {
	sandbox6
	lan6 2
	switch_snoops
}

teardown() {
	sandbox_clear
}

@test "behind a switch that snoops, hosts make their addresses, are learned, and keep them" {
	agent_start
	await 10 snoops
	addresses_watch h2
	router6 h1
	joins6 h2
	await 15 holds "$(eui64 2)" dynamic "$(host_mac 2)"
	await 5 recorded6 "$(eui64 2)" "$(host_mac 2)" dynamic
	await 5 holds fe80::ff:fe00:12 dynamic "$(host_mac 2)"
	# Learned, the group is joined here, too: its owner's next check reaches the agent, and is no claim.
	await 5 group_at_switch ff00:12
	group_at_switch ff00:12 h2
	joins6 h2
	await 15 has_checked h2 "$(eui64 2)"
	refuses dad_failed h2
	solicited_is h1 "$(eui64 2)" "$(host_mac 2)"
	holds "$(eui64 2)" dynamic "$(host_mac 2)"
	refuses grep -q conflict "$RESULT/agent.log"
}

@test "behind a switch that snoops, a host is refused the address that is declared for another one" {
	agent_start
	ak set "$(eui64 2)" "$ELSEWHERE"
	ak set "$LAN6::50" "$ELSEWHERE"
	await 5 group_at_switch ff00:12
	await 5 group_at_switch ff00:50
	await 10 snoops
	addresses_watch h2
	router6 h1
	joins6 h2
	await 15 dad_failed h2
	await 5 grep -q "conflict: $(eui64 2) at $(host_mac 2), not $ELSEWHERE" "$RESULT/agent.log"
	ip -n "$ID-h2" address add "$LAN6::50/64" dev eth0
	await 5 is_refused h2 "$LAN6::50"
	await 5 grep -q "conflict: $LAN6::50 at $(host_mac 2), not $ELSEWHERE" "$RESULT/agent.log"
	await 5 has_incident conflict
}

@test "a host that the agent's host routes to is reached behind a switch that snoops, for longer than the switch remembers" {
	routes_behind
	agent_start
	ak set "$LAN6::50" "$KEEPER_MAC"
	await 5 group_at_switch ff00:50
	await 10 snoops
	for _ in 1 2 3 4 5; do
		asked_anew
		inside h1 ip -6 neigh flush dev eth0
		inside h1 ping -6 -q -c 1 -W 2 "$LAN6::50"
		inside h2 ip -6 neigh flush dev eth0
		inside h2 ping -6 -q -c 1 -W 2 "$LAN6::50"
	done
	(($(counter nd_answered) >= 10))
	ak unset "$LAN6::50"
	await 5 refuses group_at_switch ff00:50
	inside h1 ip -6 neigh flush dev eth0
	refuses inside h1 ping -6 -q -c 1 -W 1 "$LAN6::50"
}

# By its peers, and by the next agent: without a gap.
@test "stop --keep: the program answers until the switch forgets the group, and again from the next agent's report on" {
	ip -n "$ID-switch" link set br0 type bridge mcast_membership_interval 500
	agent_start
	ak set "$LAN6::50" "$ELSEWHERE"
	await 5 group_at_switch ff00:50
	await 10 snoops
	agent_stop --keep
	solicited_is h1 "$LAN6::50" "$ELSEWHERE"
	group_at_switch ff00:50
	await 10 refuses group_at_switch ff00:50
	refuses solicited h1 "$LAN6::50"
	agent_start
	await 5 group_at_switch ff00:50
	solicited_is h1 "$LAN6::50" "$ELSEWHERE"
	agent_kill
	solicited_is h1 "$LAN6::50" "$ELSEWHERE"
}
