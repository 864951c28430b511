#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A driver with native XDP and several queues: virtio_net, alone and in a bond. Files run side by side, and the guest has two
# such interfaces: what needs them is in this file.

load lib

setup() {
	sandbox
}

teardown() {
	sandbox_clear
}

# xdp_sent: replies that the driver sent for the program, on all queues.
xdp_sent() {
	inside keeper ethtool -S lan0 | awk '/rx.*xdp_tx:/ { n += $2 } END { print n + 0 }'
}

@test "virtio_net with several queues is native, and its driver sends the replies" {
	nics
	inside keeper ethtool -L lan0 combined 2 # two more are for the program, one for each CPU
	agent_start
	[ "$(xdp_mode)" = xdp ]
	[ "$(port mode)" = native ]
	ak set 10.0.0.50 "$ELSEWHERE"
	run request h1 10.0.0.50
	says "src=$KEEPER_MAC dst=$(host_mac 1)" "sha=$ELSEWHERE spa=10.0.0.50"
	[ "$(xdp_sent)" -ge 1 ]
	inside h1 ping -q -c 1 -W 20 10.0.0.1
	agent_kill
	answered h1 10.0.0.50 "$ELSEWHERE"
	agent_start
	[ "$(port mode)" = native ]
	answered h1 10.0.0.50 "$ELSEWHERE"
	agent_stop
	[ -z "$(xdp_mode)" ]
}

# since MAJOR MINOR: of the kernel.
since() {
	printf '%s\n' "$1.$2" "$(uname -r)" | sort -CV
}

@test "at an MTU of 9000 the mode is native since Linux 6.3, else generic for the driver's reason, and large packets pass" {
	MTU=9000 nics
	agent_start
	run port reason
	if since 6 3; then
		[ "$(port mode)" = native ]
		says "in fragments, for its MTU"
	else
		[ "$(port mode)" = generic ]
		says "native mode refused" MTU
	fi
	ak set 10.0.0.50 "$ELSEWHERE"
	answered h1 10.0.0.50 "$ELSEWHERE"
	inside h1 ping -q -c 1 -s 8900 -M "do" -W 20 10.0.0.1
	agent_stop
	[ -z "$(xdp_mode)" ]
}

@test "a bond of virtio interfaces is native" {
	space keeper
	space h1
	await 10 nics_are_here
	first=$(nic_name 0) second=$(nic_name 1)
	take_nic "$first" keeper port0 02:00:00:00:01:01
	take_nic "$second" h1 eth0 "$(host_mac 1)"
	ip -n "$ID-keeper" link add lan0 address "$KEEPER_MAC" type bond mode active-backup
	ip -n "$ID-keeper" link set port0 master lan0
	dress_keeper
	dress_host 1
	agent_start
	[ "$(port mode)" = native ]
	ak set 10.0.0.50 "$ELSEWHERE"
	run request h1 10.0.0.50
	says "dst=$(host_mac 1)" "sha=$ELSEWHERE spa=10.0.0.50"
	inside h1 ping -q -c 1 -W 20 10.0.0.1
	agent_stop
	[ -z "$(xdp_mode)" ]
}

@test "a native interface that was in another namespace is attached again when it is back" {
	nics
	space away
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	away_and_back
	[ "$(port mode)" = native ]
}
