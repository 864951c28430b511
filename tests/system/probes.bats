#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Stock tools and kernels ask, probe and announce: arping in all its ways, and neighbours that real
# kernels resolve through the agent.

load lib

setup() {
	sandbox
	lan 2
}

teardown() {
	sandbox_clear
}

# arping_at HOST ARGUMENT...
arping_at() {
	local host=$1
	shift
	run inside "$host" arping -I eth0 "$@"
}

# known_and_silent: h2 is learned, and stops replying: only arpkeeper answers for it.
known_and_silent() {
	inside h2 ping -q -c 1 -W 2 10.0.0.1
	await 5 holds 10.0.0.12 dynamic "$(host_mac 2)"
	mute 2
}

@test "arping gets one answer to each broadcast" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	arping_at h1 -b -c 3 -w 10 10.0.0.50
	[ "$status" -eq 0 ]
	says "Sent 3 probes (3 broadcast(s))" "Received 3 response(s)"
	[ "$(grep -c "reply from 10.0.0.50 \[02:AA:AA:AA:AA:AA\]" <<<"$output")" -eq 3 ]
}

@test "arping's unicast goes to the answered station itself, and only that one answers it" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	arping_at h1 -c 2 -w 3 10.0.0.50
	says "(1 broadcast(s))" "Received 1 response(s)" # that station is nowhere
	[ "$(counter pass_elsewhere)" -ge 1 ]
	ak set 10.0.0.12 "$(host_mac 2)"
	mute 2
	arping_at h1 -c 2 -w 3 10.0.0.12
	says "Received 1 response(s)"
	inside h2 sysctl -qw net.ipv4.conf.eth0.arp_ignore=0
	arping_at h1 -c 2 -w 3 10.0.0.12
	says "(1 broadcast(s))"
	# To the broadcast both answer, to the unicast h2.
	[ "$(grep -c 'reply from 10.0.0.12 \[02:00:00:00:00:12\]' <<<"$output")" -ge 2 ]
}

@test "arping -D finds an address that is declared, and not one that is learned" {
	agent_start
	known_and_silent
	ak set 10.0.0.50 "$ELSEWHERE"
	arping_at h1 -D -c 1 -w 2 10.0.0.50
	[ "$status" -eq 1 ]
	says "Received 1 response(s)"
	arping_at h1 -c 1 -w 2 10.0.0.12
	says "Received 1 response(s)"
	arping_at h1 -D -c 1 -w 1 10.0.0.12
	[ "$status" -eq 0 ]
	says "Received 0 response(s)"
}

# announced_by FLAG: h1 speaks of itself, which gets no answer, and is known from then on.
announced_by() {
	arping_at h1 "$1" -c 2 -w 3 10.0.0.11
	says "Sent 2 probes (2 broadcast(s))" "Received 0 response(s)"
	await 10 holds 10.0.0.11 dynamic "$(host_mac 1)"
	[ "$(counter answered)" -eq 0 ]
}

@test "arping -U, an announcement as a request, is not answered, and its sender is learned" {
	agent_start
	announced_by -U
}

@test "arping -A, an announcement as a reply, is not answered, and its sender is learned" {
	agent_start
	announced_by -A
}

@test "an announcement of an address declared elsewhere changes nothing, and is an alert" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	watch_start
	ip -n "$ID-h1" addr add 10.0.0.50/32 dev eth0
	arping_at h1 -U -c 1 -w 2 10.0.0.50
	says "Received 0 response(s)"
	await 5 alerted conflict 10.0.0.50 "$(host_mac 1)"
	holds 10.0.0.50 static "$ELSEWHERE"
	mute 1
	answered h2 10.0.0.50 "$ELSEWHERE"
}

@test "a kernel resolves a silent host through the agent, and again when it verifies in vain" {
	agent_start
	known_and_silent
	ip -n "$ID-h1" neigh flush dev eth0
	# After a second it asks h2 itself, by unicast and in vain, and then by broadcast.
	inside h1 sysctl -qw net.ipv4.neigh.eth0.base_reachable_time_ms=1000 \
		net.ipv4.neigh.eth0.delay_first_probe_time=1 net.ipv4.neigh.eth0.retrans_time_ms=100
	inside h1 ping -q -c 1 -W 2 10.0.0.12
	[ "$(counter answered)" -eq 1 ]
	await 15 resolved_anew
	ip -n "$ID-h1" -j neigh show 10.0.0.12 | jq -e --arg mac "$(host_mac 2)" '.[0].lladdr == $mac'
}

resolved_anew() {
	inside h1 ping -q -c 1 -W 1 10.0.0.12 && (($(counter answered) >= 2))
}
