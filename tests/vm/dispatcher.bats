#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The agent's program beside others in libxdp's dispatcher: who joins, leaves and stops disturbs nobody else.
# shellcheck disable=SC2154 # BESIDE and others are dispatcher.bash's

load dispatcher

setup() {
	sandbox
	pair
}

teardown() {
	clear_all
}

@test "another program joins and stays: the agent stops, and leaves it there" {
	agent_start
	[[ $(port attachment) == dispatcher ]]
	ak set 10.0.0.50 "$ELSEWHERE"
	join 50 "${PASS[@]}"
	[[ $(programs) == "arpkeeper xdp_pass" ]]
	answered h1 10.0.0.50 "$ELSEWHERE"
	stops
	[[ $(programs) == xdp_pass ]]
	unanswered h1 10.0.0.50
	leave xdp_pass
	[[ -z $(xdp_mode) && -z $(ls /sys/fs/bpf/xdp) ]]
}

@test "another program joins and leaves: the agent stops, and nothing is left" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	join 50 "${PASS[@]}"
	leave xdp_pass
	[[ $(programs) == arpkeeper ]]
	answered h1 10.0.0.50 "$ELSEWHERE"
	stops
	[[ -z $(xdp_mode) && -z $(ls /sys/fs/bpf/xdp) ]]
}

@test "the agent joins a program that was there first, is killed, starts again, and leaves" {
	inside keeper xdp-filter load -m skb -f ipv4,ethernet lan0
	agent_start
	[[ $(programs) == "arpkeeper xdpfilt_"* ]]
	ak set 10.0.0.50 "$ELSEWHERE"
	stream_start 10.0.0.50
	agent_kill
	agent_start
	agent_stop --keep
	agent_start
	[[ $(programs) == "arpkeeper xdpfilt_"* ]]
	stream_lost_none
	inside h1 ping -q -c 1 -W 20 10.0.0.1
	stops
	[[ $(programs) == xdpfilt_* ]]
	inside keeper xdp-filter unload lan0
	[[ -z $(xdp_mode) ]]
}

@test "programs run in the order of their priorities: one that drops everything after ours takes no answer, one before it all" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	join 11 "${DROP[@]}"
	answered h1 10.0.0.50 "$ELSEWHERE"
	unanswered h1 10.0.0.1
	leave "$(programs | cut -d ' ' -f 2)"
	await 5 answered h1 10.0.0.1 "$KEEPER_MAC"
	join 9 "${DROP[@]}"
	[[ $(programs) == *" arpkeeper" ]]
	unanswered h1 10.0.0.50
	stops
}

@test "a signal ends the agent beside another program, and takes its own off" {
	agent_start
	join 50 "${PASS[@]}"
	kill -TERM "$AGENT"
	wait "$AGENT"
	AGENT=''
	gone
	[[ $(programs) == xdp_pass ]]
}

@test "detach stops a running agent beside another program, and takes off what a killed one left" {
	agent_start
	join 50 "${PASS[@]}"
	run ak detach --netns "$ID-keeper"
	((status == 0))
	says 'stopped its agent' 'detached from 1 interface'
	wait "$AGENT"
	gone
	agent_start
	agent_kill
	run ak detach --netns "$ID-keeper"
	((status == 0))
	gone
	[[ $(programs) == xdp_pass ]]
}

@test "two agents on one interface: one starts, is killed, starts, stops, and the other loses no request" {
	beside_start
	beside_ak set 10.0.0.60 02:bb:bb:bb:bb:bb
	stream_start 10.0.0.60
	agent_start
	agent_kill
	agent_start
	agent_stop
	stream_lost_none
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	[[ $(programs) == "arpkeeper arpkeeper" ]]
	answered h1 10.0.0.50 "$ELSEWHERE"
	answered h1 10.0.0.60 02:bb:bb:bb:bb:bb
	beside_ak stop
	wait "$BESIDE"
	answered h1 10.0.0.50 "$ELSEWHERE"
	stops
	[[ -z $(xdp_mode) && -z $(ls /sys/fs/bpf/xdp) ]]
}

@test "native, beside another program: none of the agent's answers is lost while others come and go" {
	inside h1 ethtool -K eth0 gro on
	agent_start --mode native
	[[ $(xdp_mode) == xdp ]]
	ak set 10.0.0.50 "$ELSEWHERE"
	stream_start 10.0.0.50
	join 50 "${PASS[@]}"
	join 60 "${PASS[@]}"
	leave xdp_pass
	leave xdp_pass
	stream_lost_none
	stops
}
