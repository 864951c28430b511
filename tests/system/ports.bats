#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The port: its modes, and its behaviour when the interface changes.

load lib

setup() {
	sandbox
	pair
}

teardown() {
	sandbox_clear
}

nothing_attached() {
	[[ -z $(xdp_mode) && ! -e $PINS ]]
}

@test "auto is generic on veth, and says why" {
	agent_start
	[ "$(xdp_mode)" = xdpgeneric ]
	[ "$(port mode)" = generic ]
	[ -n "$(port reason)" ]
	ak set 10.0.0.50 "$ELSEWHERE"
	answered h1 10.0.0.50 "$ELSEWHERE"
}

@test "native works on veth when the peer has GRO on" {
	inside h1 ethtool -K eth0 gro on
	agent_start --mode native
	[ "$(xdp_mode)" = xdp ]
	[ "$(port mode)" = native ]
	ak set 10.0.0.50 "$ELSEWHERE"
	run request h1 10.0.0.50
	says "src=$KEEPER_MAC" "sha=$ELSEWHERE"
	inside h1 ping -q -c 2 -i 0.2 -W 2 10.0.0.1
}

@test "generic by name is generic" {
	agent_start --mode generic
	[ "$(xdp_mode)" = xdpgeneric ]
}

@test "a native mode that the driver lacks is refused, and nothing is attached" {
	ip -n "$ID-keeper" link set lan0 down # Linux before 6.2 renames no interface that is up
	ip -n "$ID-keeper" link set lan0 name under
	ip -n "$ID-keeper" link add lan0 type bridge
	ip -n "$ID-keeper" link set lan0 up
	run timeout 20 "$ARPKEEPER" run -c "$CONFIG" --netns "$ID-keeper" --mode native
	[ "$status" -eq 1 ]
	says lan0 native
	nothing_attached
}

@test "with an MTU beyond a page, native is native, in fragments, and long frames pass" {
	ip -n "$ID-h1" link set eth0 mtu 9000
	ip -n "$ID-keeper" link set lan0 mtu 9000
	inside h1 ethtool -K eth0 gro on
	agent_start --mode native
	[ "$(xdp_mode)" = xdp ]
	[ "$(port mode)" = native ]
	[ "$(port reason)" = "asked for; in fragments, for its MTU" ]
	ak set 10.0.0.50 "$ELSEWHERE"
	answered h1 10.0.0.50 "$ELSEWHERE"
	inside h1 ping -q -c 2 -i 0.2 -W 2 -s 8900 -M "do" 10.0.0.1
}

@test "an interface without an address works with a prefix given" {
	ip -n "$ID-keeper" addr flush dev lan0
	"$ARPKEEPER" run --control "$SOCKET" --repo "$REPO" --instance "$INSTANCE" --netns "$ID-keeper" \
		-i lan0 --prefix 10.0.0.0/24 --segment lan >"$RESULT/agent.log" 2>&1 3>&- &
	AGENT=$!
	await 10 agent_answers_or_ended
	ak set 10.0.0.50 "$ELSEWHERE"
	answered h1 10.0.0.50 "$ELSEWHERE"
	request h1 10.0.0.99 --wait 0 # and asks, as a probe does: it has no address of its own
	frames h1 listen --wait 3 --enough 'tpa=10.0.0.99' >"$RESULT/heard.txt"
	grep -q "src=$KEEPER_MAC .*op=1 sha=$KEEPER_MAC spa=0.0.0.0 .*tpa=10.0.0.99" "$RESULT/heard.txt"
}

@test "without a prefix, the interface's own is taken" {
	sed -i '/prefix =/d' "$CONFIG"
	agent_start
	[ "$(reported '.segments[0].prefixes')" = '["10.0.0.0/24"]' ]
	ak set 10.0.0.50 "$ELSEWHERE"
	answered h1 10.0.0.50 "$ELSEWHERE"
}

@test "with --strict, an interface with neither address nor prefix is refused, saying what to do" {
	sed -i '/prefix =/d' "$CONFIG"
	ip -n "$ID-keeper" addr flush dev lan0
	run timeout 20 "$ARPKEEPER" run --strict -c "$CONFIG" --netns "$ID-keeper"
	[ "$status" -eq 1 ]
	says lan0 prefix
	nothing_attached
}

@test "the program goes on after the link goes down and up" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	ip -n "$ID-keeper" link set lan0 down
	await 5 port_is down
	ip -n "$ID-keeper" link set lan0 up
	await 5 port_is attached
	await 5 answered h1 10.0.0.50 "$ELSEWHERE"
}

@test "an interface that goes and comes back is attached again, with the table it had" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	ip -n "$ID-keeper" link del lan0
	await 5 port_is gone
	ip -n "$ID-keeper" link add other type veth peer name spare # so that the index is another
	ip -n "$ID-keeper" link add lan0 address "$KEEPER_MAC" type veth \
		peer name eth0 netns "$ID-h1" address "$(host_mac 1)"
	dress_keeper
	dress_host 1
	await 5 port_is attached
	await 5 answered h1 10.0.0.50 "$ELSEWHERE"
	await 5 holds 10.0.0.1 local "$KEEPER_MAC"
}

@test "an interface answers again when it is back from another network namespace, and not there" {
	space away
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	answered h1 10.0.0.50 "$ELSEWHERE"
	away_and_back
	run ak stop
	says "detached from lan0"
	wait "$AGENT"
	nothing_attached
}

@test "an interface that is away in another network namespace leaves no pins behind" {
	space away
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	ip -n "$ID-keeper" link set lan0 netns "$ID-away"
	await 5 port_is gone
	agent_stop
	[ ! -e "$PINS" ]
	ip -n "$ID-away" link set lan0 up
	await 5 unanswered h1 10.0.0.50
}

@test "the agent follows a new MAC of the interface" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	ip -n "$ID-keeper" link set lan0 address 02:00:00:00:00:77
	await 5 test_source 02:00:00:00:00:77
	await 5 holds 10.0.0.1 local 02:00:00:00:00:77
}

test_source() {
	request h1 10.0.0.50 | grep -q "^src=$1 .*sha=$ELSEWHERE"
}

@test "a new address of the interface is the host's own at once, until it is removed" {
	agent_start
	ip -n "$ID-keeper" addr add 10.0.0.2/24 dev lan0
	await 5 holds 10.0.0.2 local "$KEEPER_MAC"
	ip -n "$ID-keeper" addr del 10.0.0.2/24 dev lan0
	await 5 refuses holds 10.0.0.2 local
}

@test "the agent attaches its program again when another process took it off" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	ip -n "$ID-keeper" link set lan0 xdpgeneric off
	await 10 mode_is xdpgeneric
	await 5 answered h1 10.0.0.50 "$ELSEWHERE"
}

mode_is() {
	[[ $(xdp_mode) == "$1" ]]
}

@test "stop takes the program off and removes the pins" {
	agent_start
	run ak stop
	[ "$status" -eq 0 ]
	says lan0
	wait "$AGENT"
	AGENT=''
	nothing_attached
	[ ! -e "$SOCKET" ]
}

@test "stop --keep leaves the program answering; detach takes it off without an agent" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	agent_stop --keep
	[ "$(xdp_mode)" = xdpgeneric ]
	answered h1 10.0.0.50 "$ELSEWHERE"
	run inside keeper "$ARPKEEPER" detach -c "$CONFIG"
	[ "$status" -eq 0 ]
	says detached
	nothing_attached
	run inside keeper "$ARPKEEPER" detach -c "$CONFIG"
	refuses says "lan0"
}

@test "SIGTERM ends the agent as stop does" {
	agent_start
	kill "$AGENT"
	wait "$AGENT"
	AGENT=''
	nothing_attached
}

@test "the agent does not replace a foreign program" {
	agent_start
	agent_stop --keep
	printf '[history]\n\tpath = %s\n[agent]\n\tinstance = %s-b\n\tcontrol = %s\n[segment "lan"]\n\tinterface = lan0\n' \
		"$RESULT/second.git" "$INSTANCE" "$SHORT/second.sock" >"$RESULT/second.conf"
	run timeout 20 "$ARPKEEPER" run -c "$RESULT/second.conf" --netns "$ID-keeper"
	[ "$status" -eq 1 ]
	says lan0
	[ "$(xdp_mode)" = xdpgeneric ]
	[ ! -e "$PINS-b" ]
}

@test "the pinned table shows field names and values" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	run bpftool map dump pinned "$PINS/neigh_slots"
	[ "$status" -eq 0 ]
	says '"binding"' '"seen"' '"used"'
}
