#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# In libxdp's dispatcher, when something goes away: the detacher, the interface, or its configuration.

load dispatcher

setup() {
	sandbox
	pair
}

teardown() {
	clear_all
}

@test "an agent whose detacher is gone stops, says what is left, which answers nothing; detach takes it off" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	join 50 "${PASS[@]}"
	kill -9 "$(detacher "$AGENT")"
	run ak stop
	((status == 1))
	says lan0 'shared with other programs' CAP_SYS_ADMIN 'passes every frame' "arpkeeper detach --instance $INSTANCE"
	refuses wait "$AGENT"
	unanswered h1 10.0.0.50
	[[ $(programs) == "arpkeeper xdp_pass" ]]
	agent_start # takes it up
	answered h1 10.0.0.50 "$ELSEWHERE"
	kill -9 "$(detacher "$AGENT")"
	refuses ak stop --json >"$RESULT/stop.json"
	[[ $(jq -c '[.detached, .left[].interface]' "$RESULT/stop.json") == '[[],"lan0"]' ]]
	refuses wait "$AGENT"
	AGENT=''
	run ak detach --netns "$ID-keeper"
	((status == 0))
	gone
	[[ $(programs) == xdp_pass ]]
}

@test "a reload takes the program off a shared interface that is not configured any more" {
	ip -n "$ID-keeper" link add other0 type veth peer name other1
	ip -n "$ID-keeper" link set other0 up
	configure 'interface = other0'
	agent_start
	join 50 "${PASS[@]}"
	configure
	sed -i 's/lan0/other0/' "$CONFIG"
	ak reload
	[[ $(programs) == xdp_pass ]]
	agent_stop
	[[ ! -e $PINS ]]
}

@test "an interface that was in another namespace is attached again when it is back, once and twice" {
	space away
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	away_and_back
	away_and_back
	stops
	[[ -z $(xdp_mode) && -z $(ls /sys/fs/bpf/xdp) ]]
}

@test "a shared interface that was in another namespace answers again, beside the other program" {
	space away
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	join 50 "${PASS[@]}"
	away_and_back
	[[ $(programs) == "arpkeeper xdp_pass" ]]
	away_and_back
	leave xdp_pass
	answered h1 10.0.0.50 "$ELSEWHERE"
	stops
	[[ -z $(xdp_mode) && -z $(ls /sys/fs/bpf/xdp) ]]
}

@test "an interface of that name that comes instead is attached, and nothing of the first is left" {
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
	stops
	[[ -z $(ls /sys/fs/bpf/xdp) ]]
}
