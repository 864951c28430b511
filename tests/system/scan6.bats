#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A scan of a /64 (RFC 6583): thousands of addresses that no host has. Slots and requests are bounded, and hosts lose nothing.

load lib
load ipv6

TARGETS=4000
SLOTS=64

setup() {
	sandbox
	lan6 3
}

teardown() {
	sandbox_clear
}

# scan HOST FIRST COUNT
scan() {
	inside "$1" python3 "$HERE/icmp6.py" eth0 scan "$LAN6::" "$2" "$3"
}

# requests_watch: what the agent asks on the wire is in requests.txt.
requests_watch() {
	inside switch tcpdump -i keeper -Q in -n -tt -l --immediate-mode -B 4096 \
		"ether src $KEEPER_MAC and icmp6 and ip6[40] == 135" >"$RESULT/requests.txt" 2>"$RESULT/tcpdump.txt" 3>&- &
	BACKGROUND+=($!)
	await 5 grep -q listening "$RESULT/tcpdump.txt"
}

taken_at_most() {
	(($(reported .table.taken6) <= $1))
}

# known: how many entries are of hosts, or declared.
known() {
	look show --json | grep -cE '"address": "2001:.*"state": "(dynamic|stale|static)"'
}

@test "a scan takes no more slots than there are, and none from a host or a declared address" {
	AGENT_LINES="neighbours6 = $SLOTS" configure "prefix = $LAN6::/64"
	agent_start
	inside h1 ping -6 -q -c 1 -W 2 "$LAN6::1"
	inside h2 ping -6 -q -c 1 -W 2 "$LAN6::1"
	await 10 holds "$LAN6::11" dynamic "$(host_mac 1)"
	await 10 holds "$LAN6::12" dynamic "$(host_mac 2)"
	ak set "$LAN6::20-$LAN6::2f" "$ELSEWHERE"
	requests_watch
	scan h2 0 "$TARGETS"
	taken_at_most "$SLOTS"
	holds "$LAN6::11" dynamic "$(host_mac 1)"
	holds "$LAN6::12" dynamic "$(host_mac 2)"
	solicited_is h1 "$LAN6::2f" "$ELSEWHERE"
	# A host that comes now is learned: it takes the slot of an address that no host has.
	inside h3 ping -6 -q -c 1 -W 2 "$LAN6::1"
	await 10 holds "$LAN6::13" dynamic "$(host_mac 3)"
	scan h2 "$TARGETS" "$TARGETS"
	holds "$LAN6::13" dynamic "$(host_mac 3)"
	(($(known) == 19))
	taken_at_most "$SLOTS"
	asked_within_bounds
	# No address of the scan is in history.
	[ "$(git -C "$REPO" ls-tree -r --name-only main "lan/${LAN6//:/-}" | wc -l)" -eq 19 ]
}

# asked_within_bounds: the agent asked, and at most 500 times in a second.
asked_within_bounds() {
	local busiest
	busiest=$(awk '{ n[int($1)]++ } END { for (s in n) if (n[s] > max) max = n[s]; print max + 0 }' "$RESULT/requests.txt")
	echo "requests in the busiest second: $busiest"
	((busiest > 0 && busiest <= 500))
}

# pending: how many addresses are being asked for.
pending() {
	look show --json --state pending | grep -c '"state": "pending"' || true
}

@test "a scan of a table with room is asked for within bounds, and the next host is learned" {
	configure "prefix = $LAN6::/64"
	agent_start
	requests_watch
	scan h2 0 "$TARGETS"
	# 256 of the scan, and what the three hosts claim: two addresses each.
	(($(pending) <= 256 + 6))
	(($(reported .table.taken6) < TARGETS / 2))
	inside h3 ping -6 -q -c 1 -W 2 "$LAN6::1"
	await 10 holds "$LAN6::13" dynamic "$(host_mac 3)"
	asked_within_bounds
}
