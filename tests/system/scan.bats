#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# arp-scan of a whole prefix finds every host once, at the right MAC.

load lib

setup() {
	sandbox
}

teardown() {
	sandbox_clear
}

# scan: sends one request for each address of the prefix but h1's own. It leaves "ADDRESS MAC" in
# scan.txt, and duplicates, marked "(DUP: N)", in duplicates.txt.
#
# arp-scan takes any frame to h1 for a reply, also the agent's request to a sender that is new. So the agent
# learns h1 first: without that, one run in nine saw a duplicate of the agent's own address.
scan() {
	inside h1 arping -c 1 -w 2 -I eth0 10.0.0.1
	await 10 holds "$(host_address 1)" dynamic "$(host_mac 1)"
	inside h1 arp-scan -I eth0 -x -r 1 -t 1000 -i 1 --ouifile=/dev/null --macfile=/dev/null \
		"$LAN" >"$RESULT/arp-scan.txt"
	grep -v 'DUP' "$RESULT/arp-scan.txt" | awk '{ print $1, $2 }' | sort >"$RESULT/scan.txt"
	grep 'DUP' "$RESULT/arp-scan.txt" | awk '{ print $1, $2 }' | sort >"$RESULT/duplicates.txt" || true
}

# found ADDRESS MAC...: the scan found exactly these.
found() {
	diff <(printf '%s %s\n' "$@" | sort) "$RESULT/scan.txt"
}

@test "a scan finds what is declared, each once, and nothing else" {
	pair
	agent_start
	expected=(10.0.0.1 "$KEEPER_MAC")
	for n in {50..99}; do
		printf '10.0.0.%d 02:00:00:00:02:%02x\n' "$n" "$n"
		expected+=("10.0.0.$n" "$(printf '02:00:00:00:02:%02x' "$n")")
	done >"$RESULT/list"
	awk '{ print $2, $1 }' "$RESULT/list" >"$RESULT/ethers"
	ak import --format ethers "$RESULT/ethers"
	scan
	found "${expected[@]}"
	[ ! -s "$RESULT/duplicates.txt" ]
	[ "$(counter answered)" -eq 50 ]
}

@test "a scan of unknown hosts that are up finds each once, and the agent learns them" {
	lan 3
	agent_start
	scan
	found 10.0.0.1 "$KEEPER_MAC" 10.0.0.12 "$(host_mac 2)" 10.0.0.13 "$(host_mac 3)"
	[ ! -s "$RESULT/duplicates.txt" ]
	for n in 1 2 3; do
		await 10 holds "$(host_address $n)" dynamic "$(host_mac $n)"
	done
}

@test "a known host that replies gets two replies, a silent one only the agent's" {
	lan 3
	agent_start
	scan
	for n in 1 2 3; do
		await 10 holds "$(host_address $n)" dynamic "$(host_mac $n)"
	done
	mute 3
	scan
	found 10.0.0.1 "$KEEPER_MAC" 10.0.0.12 "$(host_mac 2)" 10.0.0.13 "$(host_mac 3)"
	# The switch takes a broadcast to every port: h2 replies, and so does the agent, with the same MAC.
	[ "$(cat "$RESULT/duplicates.txt")" = "10.0.0.12 $(host_mac 2)" ]
}
