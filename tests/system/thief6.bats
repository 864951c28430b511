#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Thieves of IPv6 addresses: a host that claims the address of one that lives does not get it.

load lib
load ipv6

setup() {
	sandbox6
	lan6 3
	agent_start
	inside h2 ping -6 -q -c 1 -W 2 "$LAN6::1"
	await 10 recorded6 "$LAN6::12" "$(host_mac 2)" dynamic
}

teardown() {
	sandbox_clear
}

# advertises HOST FLAGS [TO]: it says that h2's address is at its own MAC.
advertises() {
	inside "$1" python3 "$HERE/icmp6.py" eth0 advertise "$LAN6::12" "$(host_mac "${1#h}")" "${@:2}"
}

# kept: h2 has its address, and never lost it.
kept() {
	holds "$LAN6::12" dynamic "$(host_mac 2)" || holds "$LAN6::12" stale "$(host_mac 2)"
	[ "$(git -C "$REPO" log --format=%h main -- "$(path6_of "$LAN6::12")" | wc -l)" -eq 1 ]
	solicited_is h3 "$LAN6::12" "$(host_mac 2)"
}

conflict() {
	grep -q "conflict: $LAN6::12 at $(host_mac 1), not $(host_mac 2)" "$RESULT/agent.log"
}

@test "an advertisement that overrides does not take the address of a host that lives" {
	advertises h1 O
	await 10 conflict
	kept
}

@test "nor does one that looks like the answer to a solicitation of the agent" {
	advertises h1 SO "$LAN6::1"
	await 10 conflict
	kept
}

@test "a thief that has configured the address, and answers for it, does not get it" {
	ip -n "$ID-h1" addr add "$LAN6::12/64" dev eth0 nodad
	inside h1 ping -6 -q -c 1 -W 1 -I "$LAN6::12" "$LAN6::1" || true
	await 10 conflict
	kept
}

@test "when the host is gone, the next one that answers gets its address" {
	ip -n "$ID-h2" link set eth0 down
	ip -n "$ID-h1" addr add "$LAN6::12/64" dev eth0 nodad
	advertises h1 O
	await 15 recorded6 "$LAN6::12" "$(host_mac 1)" dynamic
}
