#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Hosts that make their own addresses (SLAAC, RFC 4862), with radvd and the kernel's own duplicate address detection. A
# host must never lose an address because the agent knows it, or has asked for it.
#
# JOINS: how many hosts join in a row; 40 unless told. CROWD: as many of them at a time, each on a port of its own.

load lib
load ipv6
load slaac

CROWD=${CROWD:-20}

setup() {
	sandbox6
}

teardown() {
	sandbox_clear
}

@test "an address that a host makes itself is learned, recorded and answered for" {
	lan6 2
	addresses_watch h2
	agent_start
	router6 h1
	joins6 h2
	await 15 holds "$(eui64 2)" dynamic "$(host_mac 2)"
	await 5 recorded6 "$(eui64 2)" "$(host_mac 2)" dynamic
	await 5 holds fe80::ff:fe00:12 dynamic "$(host_mac 2)"
	solicited_is h1 "$(eui64 2)" "$(host_mac 2)"
	refuses dad_failed h2
}

@test "a host makes the address that is declared for it, also with enforce" {
	lan6 2
	configure "$LAN6_LINES" 'enforce = on'
	addresses_watch h2
	agent_start
	ak set "$(eui64 2)" "$(host_mac 2)"
	ak set fe80::ff:fe00:12 "$(host_mac 2)"
	router6 h1
	joins6 h2
	await 15 has_checked h2 "$(eui64 2)"
	refuses dad_failed h2
	inside h2 ping -6 -q -c 1 -W 2 -I "$(eui64 2)" "$LAN6::1"
	refuses grep -q 'conflict\|spoof' "$RESULT/agent.log"
	(($(counter nd_drop_protected) == 0))
}

# crowd: as many hosts, in one namespace, e1 and so on.
crowd() {
	local n
	space crowd
	inside crowd sysctl -qw net.ipv6.conf.all.disable_ipv6=0 net.ipv6.conf.default.disable_ipv6=0 \
		net.ipv6.conf.default.ndisc_notify=1
	for ((n = 1; n <= CROWD; n++)); do
		echo "link add e$n type veth peer name crowd$n netns $ID-switch"
	done | ip -n "$ID-crowd" -batch -
	for ((n = 1; n <= CROWD; n++)); do
		echo "link set crowd$n master br0 up"
	done | ip -n "$ID-switch" -batch -
}

# crowd_joins NUMBER: all leave. Half of them come back on other ports, so the agent knows their addresses; the others are new, or
# were there before.
crowd_joins() {
	local n mac
	for ((n = 1; n <= CROWD; n++)); do
		echo "link set e$n down"
	done | ip -n "$ID-crowd" -batch -
	for ((n = 1; n <= CROWD; n++)); do
		mac=$((($1 / 2 + n) % (CROWD * 3 / 2)))
		printf 'link set e%d address 02:11:00:00:%02x:%02x up\n' "$n" $((mac / 256)) $((mac % 256))
	done | ip -n "$ID-crowd" -batch -
}

# crowd_settled: each has a link-local address and one of the prefix, and waits for nothing.
crowd_settled() {
	local shown
	shown=$(ip -n "$ID-crowd" -6 -o addr show) || return 1
	[[ $shown != *tentative* ]] && (($(grep -c "$LAN6:" <<<"$shown") == CROWD))
}

@test "hosts join one after another, and none is told that its address is taken" {
	lan6 1
	configure "$LAN6_LINES" 'learn-rate = 0'
	agent_start
	router6 h1
	crowd
	addresses_watch crowd
	for ((joined = 0; joined < ${JOINS:-40}; joined += CROWD)); do
		crowd_joins "$joined"
		await 20 crowd_settled
		refuses dad_failed crowd
	done
	await 10 crowd_is_known
	refuses grep -q 'conflict' "$RESULT/agent.log"
}

# crowd_is_known: two addresses of each that is there now.
crowd_is_known() {
	local mac shown
	shown=$(look show --json)
	for mac in $(ip -n "$ID-crowd" -o link show type veth | sed -En 's/.*ether ([0-9a-f:]*).*/\1/p'); do
		(($(grep -c "\"mac\": \"$mac\", .*\"state\": \"dynamic\"" <<<"$shown") == 2)) || return 1
	done
}

# privacy HOST: it makes another temporary address (RFC 8981) each time that its link goes up.
privacy() {
	inside "$1" sysctl -qw net.ipv6.conf.eth0.use_tempaddr=2
	joins6 "$1"
	await 15 has_temporary "$1"
	temporary=$(addresses6 "$1" temporary)
}

has_temporary() {
	[[ -n $(addresses6 "$1" temporary) && -n $(addresses6 "$1" -temporary) ]]
}

# learned_of MAC: how many addresses the table has of it.
learned_of() {
	look show --json | grep -c "\"mac\": \"$1\", .*\"state\": \"dynamic\""
}

@test "temporary addresses of a host are learned, also beyond mac-limit: the one used least lately gives way" {
	lan6 2
	configure "$LAN6_LINES" 'mac-limit = 4' 'mac-limit-action = refuse'
	agent_start
	addresses_watch h2
	router6 h1
	for _ in 1 2; do
		privacy h2
		await 15 holds "$temporary" dynamic "$(host_mac 2)"
	done
	# Its IPv4 address is not spoken of: with the link-local one and its own of the prefix that makes four.
	(($(learned_of "$(host_mac 2)") == 4))
	first=$temporary
	privacy h2
	[[ $temporary != "$first" ]]
	await 30 claims_until_learned h2
	(($(learned_of "$(host_mac 2)") <= 4))
	refuses dad_failed h2
}

# claims_until_learned HOST: it sends from its temporary address; the least used one must have been quiet for ten seconds.
claims_until_learned() {
	inside "$1" ping -6 -q -c 1 -W 1 -I "$temporary" "$LAN6::1"
	holds "$temporary" dynamic "$(host_mac "${1#h}")"
}

@test "an optimistic host (RFC 4429) is learned, and keeps its address" {
	lan6 2
	inside h2 sysctl -qw net.ipv6.conf.all.optimistic_dad=1 net.ipv6.conf.eth0.optimistic_dad=1 \
		net.ipv6.conf.all.use_optimistic=1 net.ipv6.conf.eth0.use_optimistic=1
	addresses_watch h2
	agent_start
	router6 h1
	joins6 h2
	await 15 has_checked h2 "$(eui64 2)"
	inside h2 ping -6 -q -c 1 -W 2 -I "$(eui64 2)" "$LAN6::1"
	await 10 holds "$(eui64 2)" dynamic "$(host_mac 2)"
	refuses dad_failed h2
}

@test "an optimistic host is refused the address that is declared elsewhere" {
	lan6 2
	inside h2 sysctl -qw net.ipv6.conf.all.optimistic_dad=1 net.ipv6.conf.eth0.optimistic_dad=1 \
		net.ipv6.conf.all.use_optimistic=1 net.ipv6.conf.eth0.use_optimistic=1
	agent_start
	ak set "$(eui64 2)" "$ELSEWHERE"
	addresses_watch h2
	router6 h1
	joins6 h2
	await 15 dad_failed h2
	await 5 grep -q "conflict: $(eui64 2) at $(host_mac 2), not $ELSEWHERE" "$RESULT/agent.log"
	holds "$(eui64 2)" static "$ELSEWHERE"
}
