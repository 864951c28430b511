#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Announcements: gratuitous requests for local and static bindings (RFC 5227 2.3).

load lib

setup() {
	sandbox
	pair
}

teardown() {
	sandbox_clear
}

# listen_for TEXT: in what h1 hears from now on; `heard` says whether it came.
listen_start() {
	frames h1 listen --wait 60 >"$RESULT/heard.txt" 2>"$RESULT/ready" 3>&- &
	BACKGROUND+=($!)
	await 5 grep -q ready "$RESULT/ready"
}

# announced ADDRESS MAC: a request for itself, broadcast, from the port's own MAC.
announced() {
	grep -q "src=$KEEPER_MAC dst=ff:ff:ff:ff:ff:ff vlan=- op=1 sha=$2 spa=$1 tha=[0-9a-f:]* tpa=$1" \
		"$RESULT/heard.txt"
}

@test "the host's own addresses are announced at the start, others are not" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	agent_stop
	listen_start
	agent_start
	await 5 announced 10.0.0.1 "$KEEPER_MAC"
	refuses announced 10.0.0.50 "$ELSEWHERE"
}

@test "announce = static announces declared ones too: at the start and when set" {
	configure 'announce = static'
	agent_start
	listen_start
	ak set 10.0.0.50 "$ELSEWHERE"
	await 5 announced 10.0.0.50 "$ELSEWHERE"
	agent_stop
	: >"$RESULT/heard.txt"
	agent_start
	await 5 announced 10.0.0.50 "$ELSEWHERE"
	await 5 announced 10.0.0.1 "$KEEPER_MAC"
}

@test "announcements are repeated when the link comes up" {
	configure 'announce = static'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	ip -n "$ID-keeper" link set lan0 down
	listen_start
	ip -n "$ID-keeper" link set lan0 up
	await 5 announced 10.0.0.50 "$ELSEWHERE"
}

@test "announce-every repeats them" {
	configure 'announce = static' 'announce-every = 1s'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	sleep 2.5 # past the two that every announcement is
	listen_start
	await 5 announced 10.0.0.50 "$ELSEWHERE"
}

@test "announce = off is silent" {
	configure 'announce = off'
	listen_start
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	answered h1 10.0.0.50 "$ELSEWHERE"
	refuses announced 10.0.0.1 "$KEEPER_MAC"
	refuses announced 10.0.0.50 "$ELSEWHERE"
}
