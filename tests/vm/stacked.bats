#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Interfaces above others: bond, macvlan, and a bridge's port beside a VXLAN that suppresses ARP.

load lib

setup() {
	sandbox
}

teardown() {
	sandbox_clear
}

# works: the program answers, the rest of the host's traffic passes, and stop takes it off.
works() {
	ak set 10.0.0.50 "$ELSEWHERE"
	run request h1 10.0.0.50
	says "dst=$(host_mac 1)" "sha=$ELSEWHERE spa=10.0.0.50"
	inside h1 ping -q -c 1 -W 20 10.0.0.1
	agent_stop
	[ -z "$(xdp_mode)" ]
}

@test "a bond of veth interfaces is generic: without GRO on the peer, native replies are lost" {
	space keeper
	space h1
	ip -n "$ID-keeper" link add port0 type veth peer name eth0 netns "$ID-h1" address "$(host_mac 1)"
	ip -n "$ID-keeper" link add lan0 address "$KEEPER_MAC" type bond mode active-backup
	ip -n "$ID-keeper" link set port0 master lan0
	dress_keeper
	dress_host 1
	inside h1 ethtool -K eth0 gro off
	agent_start
	[ "$(port mode)" = generic ]
	works
}

@test "a macvlan is generic, for the reason that the kernel gives" {
	space keeper
	space h1
	ip -n "$ID-keeper" link add under type veth peer name eth0 netns "$ID-h1" address "$(host_mac 1)"
	ip -n "$ID-keeper" link set under up
	ip -n "$ID-keeper" link add link under name lan0 address "$KEEPER_MAC" type macvlan mode bridge
	dress_keeper
	dress_host 1
	agent_start
	[ "$(port mode)" = generic ]
	run port reason
	says "native mode refused"
	works
}

# leaf: a bridge with an access port, lan0, to h1, and a VXLAN to another one, behind which is h2.
leaf() {
	space keeper
	space h1
	space far
	space h2
	ip -n "$ID-keeper" link add core address 02:00:00:00:01:01 type veth \
		peer name core netns "$ID-far" address 02:00:00:00:01:02
	ip -n "$ID-keeper" link add lan0 type veth peer name eth0 netns "$ID-h1" address "$(host_mac 1)"
	ip -n "$ID-far" link add port type veth peer name eth0 netns "$ID-h2" address "$(host_mac 2)"
	vtep keeper 192.0.2.1 192.0.2.2 lan0
	vtep far 192.0.2.2 192.0.2.1 port
	dress_host 1
	dress_host 2
}

# vtep SPACE LOCAL REMOTE PORT
vtep() {
	ip -n "$ID-$1" addr add "$2/24" dev core
	ip -n "$ID-$1" link set core up
	ip -n "$ID-$1" link add br0 type bridge
	ip -n "$ID-$1" link add vxlan type vxlan id 100 local "$2" remote "$3" dstport 4789
	ip -n "$ID-$1" link set vxlan master br0 up
	ip -n "$ID-$1" link set "$4" master br0 up
	ip -n "$ID-$1" link set br0 up
}

# replies ADDRESS: how many come to one request of h1.
replies() {
	frames h1 send --spa 10.0.0.11 --tpa "$1" --wait 0.5 | grep -c "spa=$1 " || true
}

@test "beside a VXLAN with neigh_suppress each address has one answer: ours, the bridge's, or the host's own" {
	leaf
	bridge -n "$ID-keeper" link set dev vxlan neigh_suppress on learning off
	ip -n "$ID-keeper" neigh add 10.0.0.60 lladdr 02:bb:bb:bb:bb:60 nud noarp dev br0
	ip -n "$ID-keeper" neigh add 10.0.0.70 lladdr "$ELSEWHERE" nud noarp dev br0
	bridge -n "$ID-keeper" fdb add 02:bb:bb:bb:bb:60 dev vxlan master static
	bridge -n "$ID-keeper" fdb add "$ELSEWHERE" dev vxlan master static
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	ak set 10.0.0.70 "$ELSEWHERE"
	answered h1 10.0.0.50 "$ELSEWHERE"
	answered h1 10.0.0.60 02:bb:bb:bb:bb:60
	[ "$(replies 10.0.0.70)" -eq 1 ]
	[ "$(counter answered)" -eq 2 ]
	answered h1 10.0.0.12 "$(host_mac 2)" # through the VXLAN
}
