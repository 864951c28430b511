#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# VLANs as the kernel makes them: its 802.1Q and 802.1ad interfaces, and bridges with VLAN filtering.

load lib

setup() {
	sandbox
}

teardown() {
	sandbox_clear
}

# upper SPACE INTERFACE NAME ADDRESS [OPTION...]: a VLAN interface on another.
upper() {
	local space=$1 lower=$2 name=$3 address=$4
	shift 4
	ip -n "$ID-$space" link add link "$lower" name "$name" type vlan "$@"
	ip -n "$ID-$space" addr add "$address/24" dev "$name"
	ip -n "$ID-$space" link set "$name" up
}

# asked SPACE INTERFACE ADDRESS MAC: arping there has MAC as the first answer.
asked() {
	local heard
	heard=$(inside "$1" arping -f -w "$((2 * TIME_FACTOR))" -I "$2" "$3") || return 1
	grep -qi "\[$4\]" <<<"$heard"
}

@test "a segment in a VLAN answers the kernel's 802.1Q interface, and leaves the VLAN interface beside it its traffic" {
	pair
	inside h1 ethtool -K eth0 txvlan off # the tag stays in the frame
	configure 'vlan = 10'
	upper keeper lan0 lan0.10 10.0.0.2 id 10
	ip -n "$ID-keeper" addr flush dev lan0
	ip -n "$ID-h1" addr flush dev eth0
	upper h1 eth0 eth0.10 10.0.0.11 id 10
	upper h1 eth0 eth0.20 10.0.0.12 id 20
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	asked h1 eth0.10 10.0.0.50 "$ELSEWHERE"
	refuses inside h1 arping -c 2 -I eth0.20 10.0.0.50
	inside h1 ping -q -c 1 -W 20 -I eth0.10 10.0.0.2
	await 5 holds 10.0.0.11 dynamic "$(host_mac 1)"
}

@test "a segment with two tags answers an 802.1Q interface on an 802.1ad one" {
	pair
	inside h1 ethtool -K eth0 txvlan off tx-vlan-stag-hw-insert off
	configure 'vlan = 100.10'
	ip -n "$ID-h1" addr flush dev eth0
	upper h1 eth0 outer 10.1.0.11 protocol 802.1ad id 100
	inside h1 ethtool -K outer txvlan off
	upper h1 outer inner 10.0.0.11 id 10
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	asked h1 inner 10.0.0.50 "$ELSEWHERE"
}

@test "a program on the VLAN interface itself is generic, and answers" {
	pair
	ip -n "$ID-keeper" addr flush dev lan0
	ip -n "$ID-keeper" link set lan0 down
	ip -n "$ID-keeper" link set lan0 name under
	ip -n "$ID-keeper" link set under up
	upper keeper under lan0 10.0.0.1 id 10
	ip -n "$ID-h1" addr flush dev eth0
	upper h1 eth0 eth0.10 10.0.0.11 id 10
	agent_start
	[ "$(port mode)" = generic ]
	run port reason
	says "native mode refused"
	ak set 10.0.0.50 "$ELSEWHERE"
	asked h1 eth0.10 10.0.0.50 "$ELSEWHERE"
}

@test "a tag that the peer's kernel keeps beside the frame is hidden, and the status says that it may be" {
	pair
	configure 'vlan = 10'
	upper h1 eth0 eth0.10 10.1.0.11 id 10 # txvlan is on
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	run ak status
	says RXVLAN
	refuses inside h1 arping -c 1 -w "$TIME_FACTOR" -I eth0.10 -s 10.0.0.11 10.0.0.50
	[ "$(counter answered)" -eq 0 ]
	inside h1 ethtool -K eth0 txvlan off
	asked h1 eth0.10 10.0.0.50 "$ELSEWHERE"
}

@test "behind a bridge with VLAN filtering, the segment of a tagged port answers hosts of untagged ports of its VLAN" {
	lan 2
	ip -n "$ID-switch" link set br0 type bridge vlan_filtering 1
	bridge -n "$ID-switch" vlan add dev h1 vid 10 pvid untagged
	bridge -n "$ID-switch" vlan add dev h2 vid 20 pvid untagged
	bridge -n "$ID-switch" vlan add dev keeper vid 10
	bridge -n "$ID-switch" vlan add dev keeper vid 20
	inside switch ethtool -K keeper txvlan off
	configure 'vlan = 10'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	answered h1 10.0.0.50 "$ELSEWHERE"
	unanswered h2 10.0.0.50
}
