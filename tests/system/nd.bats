#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Neighbour discovery: what is answered, learned, asked for, verified and recorded, with real kernels at both ends.

load lib
load ipv6

setup() {
	sandbox6
}

teardown() {
	sandbox_clear
}

@test "a solicitation for a declared address is answered at the driver, with its MAC" {
	lan6 1
	agent_start
	ak set "$LAN6::50" "$ELSEWHERE"
	await 5 recorded6 "$LAN6::50" "$ELSEWHERE" static
	run inside h1 ndisc6 -1 -v -r 2 -w 1000 "$LAN6::50" eth0
	[ "$status" -eq 0 ]
	says "${ELSEWHERE^^}" "from $LAN6::50"
	(($(counter nd_answered) >= 1))
	ak unset "$LAN6::50"
	await 5 refuses recorded6 "$LAN6::50"
	run solicited h1 "$LAN6::50"
	[ "$status" -ne 0 ]
}

@test "link-local addresses are entries of their own" {
	lan6 1
	agent_start
	inside h1 ping -6 -q -c 1 -W 2 -I eth0 "fe80::ff:fe00:1"
	await 10 holds fe80::ff:fe00:11 dynamic "$(host_mac 1)"
}

@test "a silent host's address expires, and is kept while it replies" {
	lan6 2
	configure "$LAN6_LINES" 'timeout = 1s'
	agent_start
	inside h1 ping -6 -q -c 1 -W 2 "$LAN6::1"
	inside h2 ping -6 -q -c 1 -W 2 "$LAN6::1"
	await 10 recorded6 "$LAN6::11" "$(host_mac 1)" dynamic
	await 10 recorded6 "$LAN6::12" "$(host_mac 2)" dynamic
	ip -n "$ID-h1" link set eth0 down
	await 20 refuses recorded6 "$LAN6::11"
	holds "$LAN6::12" dynamic "$(host_mac 2)" || holds "$LAN6::12" stale "$(host_mac 2)"
	[ "$(git -C "$REPO" log --format=%h main -- "$(path6_of "$LAN6::12")" | wc -l)" -eq 1 ]
}

@test "a push changes an IPv6 entry on the wire, and the log tells it" {
	lan6 1
	agent_start
	ak set "$LAN6::50" "$ELSEWHERE"
	git clone -q "$REPO" "$RESULT/clone"
	sed -i 's/^mac .*/mac 02:bb:bb:bb:bb:bb/' "$RESULT/clone/$(path6_of "$LAN6::50")"
	git -C "$RESULT/clone" commit -qam 'another card'
	git -C "$RESULT/clone" push -q origin HEAD:merge/card
	solicited_is h1 "$LAN6::50" 02:bb:bb:bb:bb:bb
	run ak log "$LAN6::50"
	says 02:bb:bb:bb:bb:bb "$ELSEWHERE" 'another card'
}

@test "contradictions of a declared address are dropped with enforce" {
	lan6 1
	configure "$LAN6_LINES" 'enforce = on'
	agent_start
	ak set "$LAN6::50" "$ELSEWHERE"
	ip -n "$ID-h1" addr add "$LAN6::50/64" dev eth0 nodad
	inside h1 ping -6 -q -c 1 -W 1 -I "$LAN6::50" "$LAN6::1" || true
	(($(counter nd_drop_protected) >= 1))
	await 5 has_incident spoof
}

# announcements ADDRESS: when h1 was told where it is, in tenths of a second.
announcements() {
	awk -v target="tgt is $1," 'index($0, target) { printf "%d\n", $1 % 1e8 * 10 }' "$RESULT/wire.txt"
}

announced() {
	(($(announcements "$1" | wc -l) == $2))
}

@test "a declared address is announced twice, two seconds apart, and no third time" {
	lan6 1
	configure "$LAN6_LINES" 'announce = static'
	inside h1 tcpdump -l -tt -n -i eth0 -Q in 'icmp6 and ip6[40] == 136 and dst ff02::1' \
		>"$RESULT/wire.txt" 2>"$RESULT/tcpdump.txt" 3>&- &
	BACKGROUND+=($!)
	await 5 grep -q listening "$RESULT/tcpdump.txt"
	agent_start
	await 10 announced "$LAN6::1" 2 # the start's own round is over
	ak set "$LAN6::50" "$ELSEWHERE"
	await 10 announced "$LAN6::50" 2
	ak set "$LAN6::51" "$ELSEWHERE"
	await 10 announced "$LAN6::51" 2 # a third one of the first would have been due before
	announced "$LAN6::50" 2
	read -r first second < <(announcements "$LAN6::50" | xargs)
	((second - first >= 19))
}
