#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# sponge = on: the program answers for a dead address under heavy request load with the sponge's MAC,
# until a host has the address.

load lib

SPONGE_MAC=02:5b:5b:5b:5b:5b
DEAD=10.0.0.99

setup() {
	sandbox
	lan 3
}

teardown() {
	sandbox_clear
}

sponge_on() {
	configure 'sponge = on' "sponge-mac = $SPONGE_MAC" 'sponge-rate = 30'
}

# hammer: h1 and h2 ask for the dead address, ten times a second each, until the file `calm` is there.
hammer() {
	for host in h1 h2; do
		frames $host stream --spa "$(host_address ${host#h})" --tpa "$DEAD" --rate 10 --wait 60 \
			--until "$RESULT/calm" >"$RESULT/$host.json" 3>&- &
		BACKGROUND+=($!)
	done
}

calm() {
	touch "$RESULT/calm"
}

sponged() {
	answered h3 "$DEAD" "$SPONGE_MAC"
}

# soaked: it is sponged by now; 3 to 6 s to find it dead, and then a few requests more.
soaked() {
	hammer
	await 15 sponged
	calm
}

@test "a dead address under heavy request load is answered with the sponge's MAC, others are not" {
	sponge_on
	agent_start
	unanswered h3 10.0.0.98
	soaked
	holds "$DEAD" dead
	await 10 holds 10.0.0.98 dead
	unanswered h3 10.0.0.98
	[ "$(counter sponged)" -ge 1 ]
	[ "$(reported .table.sponged)" -eq 1 ]
	run ak status
	says SPONGED REFUSED
	refuses recorded "$DEAD"
	# A host that probes for the address gets no answer.
	run inside h3 arping -D -c 1 -w 1 -I eth0 "$DEAD"
	[ "$status" -eq 0 ]
}

@test "without sponge = on a dead address is never answered, however often it is asked for" {
	agent_start
	hammer
	await 15 holds "$DEAD" dead
	for _ in {1..5}; do
		unanswered h3 "$DEAD"
	done
	calm
	[ "$(counter sponged)" -eq 0 ]
}

# believes HOST MAC
believes() {
	ip -n "$ID-$1" -j neigh show "$DEAD" | jq -e --arg mac "$2" 'any(.lladdr == $mac)'
}

@test "when the host returns the sponge ends, and the agent corrects the askers" {
	sponge_on
	agent_start
	soaked
	inside h1 ping -q -c 1 -W 0.2 "$DEAD" || true
	believes h1 "$SPONGE_MAC"
	ip -n "$ID-h3" addr add "$DEAD/24" dev eth0
	# It speaks to us alone: h1 hears nothing of it but from us.
	frames h3 send --spa "$DEAD" --tpa 10.0.0.1 --dst "$KEEPER_MAC" --wait 0
	await 5 holds "$DEAD" dynamic "$(host_mac 3)"
	await 5 believes h1 "$(host_mac 3)"
	answered h2 "$DEAD" "$(host_mac 3)"
	inside h1 ping -q -c 1 -W 2 "$DEAD"
	await 5 recorded "$DEAD" "$(host_mac 3)" dynamic
}

@test "a declared binding ends the sponge, too" {
	sponge_on
	agent_start
	soaked
	inside h1 ping -q -c 1 -W 0.2 "$DEAD" || true
	believes h1 "$SPONGE_MAC"
	ak set "$DEAD" "$ELSEWHERE"
	answered h3 "$DEAD" "$ELSEWHERE"
	await 5 believes h1 "$ELSEWHERE"
}
