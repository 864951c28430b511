#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Which frames the program answers on the wire, and which it does not.

load lib

setup() {
	sandbox
	pair
}

teardown() {
	sandbox_clear
}

# hear_from ADDRESS MAC: a station that says something once, and never answers: for `learn = passive`.
hear_from() {
	frames h1 send --spa "$1" --sha "$2" --src "$2" --tpa 10.0.0.1 --wait 0
	await 5 holds "$1" dynamic "$2"
}

@test "a known binding is answered, from the interface's own MAC" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	inside h1 tcpdump -lnei eth0 arp >"$RESULT/wire.txt" 2>"$RESULT/tcpdump.txt" 3>&- &
	BACKGROUND+=($!)
	await 5 grep -q listening "$RESULT/tcpdump.txt"
	run inside h1 arping -c 1 -w 3 -I eth0 10.0.0.50
	[ "$status" -eq 0 ]
	says "02:AA:AA:AA:AA:AA"
	await 5 grep -q "Reply 10.0.0.50 is-at $ELSEWHERE" "$RESULT/wire.txt"
	run cat "$RESULT/wire.txt"
	says "$KEEPER_MAC > $(host_mac 1), ethertype ARP"
	refuses grep -q "^[0-9:.]* $ELSEWHERE >" "$RESULT/wire.txt"
	[ "$(counter answered)" -eq 1 ]
}

@test "each request of a stream without pauses is answered" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	run frames h1 stream --spa 10.0.0.11 --tpa 10.0.0.50 --rate 10000000 --wait 0.5
	[ "$(jq .lost <<<"$output")" -eq 0 ]
	[ "$(jq .sent <<<"$output")" -gt 1000 ]
}

@test "the asker reaches a host that the table names" {
	agent_start
	ak set 10.0.0.50 "$KEEPER_MAC"
	ip -n "$ID-keeper" addr add 10.0.0.50/32 dev lo
	inside keeper sysctl -qw net.ipv4.conf.lan0.arp_ignore=8
	inside h1 ping -q -c 2 -i 0.2 -W 2 10.0.0.50
}

@test "a request for an unknown address passes" {
	agent_start
	before=$(counter pass_miss)
	unanswered h1 10.0.0.51
	[ "$(counter pass_miss)" -gt "$before" ]
	[ "$(counter answered)" -eq 0 ]
}

@test "a probe for a learned address passes" {
	configure 'learn = passive'
	agent_start
	hear_from 10.0.0.60 02:bb:bb:bb:bb:bb
	answered h1 10.0.0.60 02:bb:bb:bb:bb:bb
	run inside h1 arping -D -c 1 -w 1 -I eth0 10.0.0.60
	[ "$status" -eq 0 ]
	[ "$(counter pass_probe)" -ge 1 ]
}

@test "a probe for a static address is answered" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	run inside h1 arping -D -c 1 -w 2 -I eth0 10.0.0.50
	[ "$status" -eq 1 ]
	says "Received 1 response"
}

@test "a gratuitous request is never answered" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	run frames h1 send --spa 10.0.0.50 --tpa 10.0.0.50 --wait 0.3
	[ -z "$output" ]
	run frames h1 send --op 2 --spa 10.0.0.50 --tpa 10.0.0.50 --wait 0.3
	[ -z "$output" ]
	[ "$(counter pass_gratuitous)" -ge 1 ]
	[ "$(counter answered)" -eq 0 ]
	holds 10.0.0.50 static "$ELSEWHERE"
}

@test "a unicast request to another station passes, one to the agent's interface is answered" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	run request h1 10.0.0.50 --dst 02:cc:cc:cc:cc:cc --wait 0.3
	[ -z "$output" ]
	[ "$(counter pass_elsewhere)" -eq 1 ]
	run request h1 10.0.0.50 --dst "$KEEPER_MAC"
	says "sha=$ELSEWHERE spa=10.0.0.50"
}

@test "a host that asks about itself is not answered" {
	agent_start
	ak set 10.0.0.50 "$(host_mac 1)"
	unanswered h1 10.0.0.50
	[ "$(counter pass_owner)" -eq 1 ]
}

@test "the host's own address is left to the stack" {
	agent_start
	holds 10.0.0.1 local "$KEEPER_MAC"
	answered h1 10.0.0.1 "$KEEPER_MAC"
	[ "$(counter answered)" -eq 0 ]
	inside h1 ping -q -c 2 -i 0.2 -W 2 10.0.0.1
}

@test "tagged traffic passes a segment without a VLAN" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	run request h1 10.0.0.50 --vlan 10 --wait 0.3
	[ -z "$output" ]
	[ "$(counter pass_off_link)" -ge 1 ]
	run request h1 10.0.0.50
	says "sha=$ELSEWHERE"
}

@test "a segment with a VLAN answers in it, tag kept, and nowhere else" {
	configure 'vlan = 10'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	run request h1 10.0.0.50 --vlan 10
	says "src=$KEEPER_MAC" "vlan=10" "sha=$ELSEWHERE spa=10.0.0.50"
	unanswered h1 10.0.0.50
	run request h1 10.0.0.50 --vlan 11 --wait 0.3
	[ -z "$output" ]
}

@test "reply-source = target sends from the answered MAC" {
	configure 'reply-source = target'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	run request h1 10.0.0.50
	says "src=$ELSEWHERE" "sha=$ELSEWHERE spa=10.0.0.50"
}

@test "answer = static leaves learned addresses alone" {
	configure 'answer = static' 'learn = passive'
	agent_start
	hear_from 10.0.0.60 02:bb:bb:bb:bb:bb
	unanswered h1 10.0.0.60
	ak set 10.0.0.50 "$ELSEWHERE"
	answered h1 10.0.0.50 "$ELSEWHERE"
}

@test "answer = off answers nothing" {
	configure 'answer = off'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	unanswered h1 10.0.0.50
	[ "$(counter pass_unanswered)" -ge 1 ]
}
