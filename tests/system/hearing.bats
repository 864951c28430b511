#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Behind a switch that snoops, a port hears solicitations for the addresses of the table, and for no others: because the
# agent reports their groups.

load lib.bash

# The switch asks each second, and forgets a port that does not answer after three. Before its first answers are due, it
# passes every group.
setup() {
	sandbox
	lan 1
	inside switch sh -c 'cd /proc/sys/net/ipv6/conf && echo 0 >all/disable_ipv6 && echo 0 >br0/disable_ipv6'
	ip -n "$ID-switch" link set br0 type bridge mcast_snooping 1 mcast_querier 1 mcast_mld_version "${MLD:-2}" \
		mcast_query_interval 100 mcast_startup_query_interval 50 mcast_query_response_interval 80 \
		mcast_membership_interval 300 mcast_last_member_interval 50
	inside h1 sh -c 'cd /proc/sys/net/ipv6/conf && echo 0 >all/disable_ipv6 && echo 0 >eth0/disable_ipv6'
	ip -n "$ID-h1" addr add 2001:db8::11/64 dev eth0 nodad
	configure 'prefix = 2001:db8::/64'
}

teardown() {
	sandbox_clear
}

# group_at_switch SUFFIX: the switch passes the group to the keeper's port.
group_at_switch() {
	bridge -n "$ID-switch" mdb show dev br0 | grep -q "port keeper grp ff02::1:$1 "
}

# solicited ADDRESS MAC: h1 asks for it, and is answered with that MAC.
solicited() {
	local answer
	answer=$(inside h1 ndisc6 -q -r 1 -w 500 "$1" eth0)
	[[ $answer == *"${2^^}"* ]]
}

unsolicited() {
	refuses inside h1 ndisc6 -q -r 1 -w 300 "$1" eth0
}

# The switch snoops: a group that no port has joined goes nowhere, and the agent never hears of its address. Each time
# another one: what it has heard of has a place in the table, and is heard from then on.
snoops() {
	stranger=$((${stranger:-0} + 1))
	unsolicited "2001:db8::9:$stranger"
	lacks "2001:db8::9:$stranger"
}

@test "a declared address is heard behind a switch that snoops, as long as the agent has it" {
	agent_start
	ak set 2001:db8::50 02:aa:aa:aa:aa:50
	await 5 group_at_switch ff00:50
	await 10 snoops
	solicited 2001:db8::50 02:aa:aa:aa:aa:50
	ak unset 2001:db8::50
	await 5 refuses group_at_switch ff00:50
	unsolicited 2001:db8::50
}

@test "the switch's queries are answered, and without the agent it forgets the port" {
	agent_start
	ak set 2001:db8::50 02:aa:aa:aa:aa:50
	await 10 snoops
	# Longer than the switch remembers it: as many of its queries were answered.
	asked=$(reported '.ports[0].hearing.queried')
	for _ in 1 2 3 4 5; do
		await 5 asked_again
		group_at_switch ff00:50
	done
	solicited 2001:db8::50 02:aa:aa:aa:aa:50
	[ "$(reported '.ports[0].hearing | .every_group, .groups >= 1, .version == 2' | sort -u)" = true ]
	[[ $(reported '.ports[0].hearing.querier') == fe80::* ]]
	agent_kill
	await 10 refuses group_at_switch ff00:50
}

# asked_again: the agent has heard a query since the last time.
asked_again() {
	local now
	now=$(reported '.ports[0].hearing.queried')
	[[ $now != "$asked" ]] && asked=$now
}

@test "a querier of version 1 has reports of its version" {
	ip -n "$ID-switch" link set br0 type bridge mcast_mld_version 1
	agent_start
	ak set 2001:db8::50 02:aa:aa:aa:aa:50
	await 10 version_is 1
	await 10 snoops
	asked=$(reported '.ports[0].hearing.queried')
	for _ in 1 2 3 4 5; do
		await 5 asked_again
		group_at_switch ff00:50
	done
	solicited 2001:db8::50 02:aa:aa:aa:aa:50
	ak unset 2001:db8::50
	await 5 refuses group_at_switch ff00:50
}

version_is() {
	[[ $(reported '.ports[0].hearing.version') == "$1" ]]
}

@test "after a restart and after a link that was down, addresses are heard again" {
	agent_start
	ak set 2001:db8::50 02:aa:aa:aa:aa:50
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
	solicited 2001:db8::50 02:aa:aa:aa:aa:50
	sed -i 's/\[segment "lan"\]/&\n\ttimeout = 20m/' "$CONFIG"
	ak reload
	solicited 2001:db8::50 02:aa:aa:aa:aa:50
	await 5 group_at_switch ff00:50
}

@test "nd = off: no groups are reported, and the interface is as it was" {
	configure 'prefix = 2001:db8::/64' 'nd = off'
	agent_start
	[ "$(reported '.ports[0].hearing')" = null ]
	ip -n "$ID-keeper" -d link show lan0 | grep -q 'allmulti 0'
	configure 'prefix = 2001:db8::/64'
	ak reload
	await 5 allmulti
	agent_stop
	ip -n "$ID-keeper" -d link show lan0 | grep -q 'allmulti 0'
}

allmulti() {
	ip -n "$ID-keeper" -d link show lan0 | grep -q 'allmulti 1'
}
