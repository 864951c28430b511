#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Interfaces whose frames are longer than a page: native, where the kernel and the driver take a program in fragments.

load dispatcher

setup() {
	sandbox
}

# long: a veth pair with an MTU of 9000.
long() {
	pair
	ip -n "$ID-h1" link set eth0 mtu 9000
	ip -n "$ID-keeper" link set lan0 mtu 9000
	inside h1 ethtool -K eth0 gro on
}

teardown() {
	clear_all
}

# long_request LENGTH: an ARP request for 10.0.0.50 with so many bytes of padding.
long_request() {
	inside h1 python3 - "$1" <<-'END'
		import socket, struct, sys
		mac = bytes.fromhex("020000000011")
		wire = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
		wire.bind(("eth0", 0))
		wire.send(b"\xff" * 6 + mac + b"\x08\x06" + struct.pack("!HHBBH", 1, 0x800, 6, 4, 1) + mac +
			bytes([10, 0, 0, 11]) + bytes(6) + bytes([10, 0, 0, 50]) + bytes(int(sys.argv[1])))
	END
}

@test "at an MTU of 9000, native is native on veth, and says how" {
	long
	agent_start --mode native
	[[ $(xdp_mode) == xdp && $(port mode) == native ]]
	run port reason
	says "in fragments, for its MTU"
	ak set 10.0.0.50 "$ELSEWHERE"
	run request h1 10.0.0.50
	says "src=$KEEPER_MAC" "sha=$ELSEWHERE"
	inside h1 ping -q -c 1 -s 8900 -M "do" -W 20 10.0.0.1
	agent_kill
	agent_start --mode native
	[[ $(port mode) == native ]]
	answered h1 10.0.0.50 "$ELSEWHERE"
	agent_stop
	[[ -z $(xdp_mode) ]]
}

@test "an ARP request padded to several pages does no harm" {
	local before
	long
	agent_start --mode native
	ak set 10.0.0.50 "$ELSEWHERE"
	before=$(counter arp_frames)
	long_request 8000
	long_request 4000
	long_request 1500
	answered h1 10.0.0.50 "$ELSEWHERE"
	(($(counter arp_frames) >= before + 4))
	inside h1 ping -q -c 1 -s 8900 -M "do" -W 20 10.0.0.1
}

@test "a program without fragments cannot join it there, and ours goes on" {
	long
	agent_start --mode native
	ak set 10.0.0.50 "$ELSEWHERE"
	refuses join 50 "${PASS[@]}"
	answered h1 10.0.0.50 "$ELSEWHERE"
	[[ $(programs) == arpkeeper ]]
	agent_stop
}

@test "at the common MTU the program is not in fragments" {
	pair
	agent_start --mode native
	[[ $(port mode) == native && $(port reason) == "asked for" ]]
}
