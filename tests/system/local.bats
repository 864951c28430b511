#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# local = offload: the host's own addresses are answered by the program, and the host knows who asked.

load lib

setup() {
	sandbox
	pair
}

teardown() {
	sandbox_clear
}

# is_known ADDRESS TEXT...: the keeper's own table has it, and says all of these.
is_known() {
	local line text
	line=$(ip -n "$ID-keeper" -d neigh show "$1")
	shift
	[[ -n $line ]] || return 1
	for text; do
		[[ $line == *" $text"* ]] || return 1
	done
}

@test "a request for the host's own address is answered, and the host does not ask back" {
	configure 'local = offload'
	agent_start
	# The agent verifies h1 by itself; only what the kernel sends is of interest, which does not pad.
	inside h1 tcpdump -nn -e -l -i eth0 --immediate-mode arp and less 59 \
		>"$RESULT/seen.txt" 2>"$RESULT/tcpdump.txt" 3>&- &
	BACKGROUND+=("$!")
	await 5 grep -q 'listening on' "$RESULT/tcpdump.txt"
	inside h1 arping -q -c 1 -w 2 -I eth0 10.0.0.1
	[ "$(counter answered)" -eq 1 ]
	await 5 is_known 10.0.0.11 "lladdr $(host_mac 1)"
	refuses is_known 10.0.0.11 extern_learn
	ip -n "$ID-h1" neigh replace 10.0.0.1 lladdr "$KEEPER_MAC" dev eth0 nud reachable
	inside h1 ping -q -c 3 -i 0.2 -W 2 10.0.0.1
	# The witness sees what h1 sends, so it would have seen what the keeper sends.
	await 5 grep -q 'who-has 10.0.0.1 .*tell 10.0.0.11' "$RESULT/seen.txt"
	refuses grep -q 'who-has 10.0.0.11 .*tell 10.0.0.1' "$RESULT/seen.txt"
}

@test "by default the host answers for itself, and learns the asker without the agent" {
	agent_start
	inside h1 ping -q -c 1 -W 2 10.0.0.1
	[ "$(counter answered)" -eq 0 ]
	is_known 10.0.0.11 "lladdr $(host_mac 1)"
}

@test "an asker's permanent entry stays; a learned one with another MAC follows" {
	configure 'local = offload'
	ip -n "$ID-keeper" neigh add 10.0.0.60 lladdr 02:bb:bb:bb:bb:01 dev lan0 nud permanent
	ip -n "$ID-keeper" neigh add 10.0.0.61 lladdr 02:bb:bb:bb:bb:02 dev lan0 nud reachable
	ip -n "$ID-keeper" neigh add 10.0.0.62 lladdr 02:bb:bb:bb:bb:03 dev lan0 nud reachable extern_learn
	ip -n "$ID-keeper" neigh add 10.0.0.63 lladdr 02:00:00:00:01:63 dev lan0 nud reachable
	agent_start
	for n in 60 62 63 61; do
		frames h1 send --spa "10.0.0.$n" --sha "02:00:00:00:01:$n" --src "02:00:00:00:01:$n" \
			--tpa 10.0.0.1 --first
	done
	[ "$(counter answered)" -eq 4 ]
	await 5 is_known 10.0.0.61 'lladdr 02:00:00:00:01:61' STALE
	is_known 10.0.0.60 02:bb:bb:bb:bb:01 PERMANENT
	is_known 10.0.0.62 02:bb:bb:bb:bb:03 extern_learn
	is_known 10.0.0.63 02:00:00:00:01:63 REACHABLE
}

@test "an asker that is not on the segment is answered, and not remembered" {
	configure 'local = offload'
	agent_start
	frames h1 send --spa 10.7.0.5 --tpa 10.0.0.1 --first
	frames h1 send --spa 10.0.0.60 --sha "$ELSEWHERE" --src "$ELSEWHERE" --tpa 10.0.0.1 --first
	await 5 is_known 10.0.0.60 "lladdr $ELSEWHERE"
	[ -z "$(ip -n "$ID-keeper" neigh show 10.7.0.5)" ]
}

@test "an own address that was declared elsewhere is the host's own once that is unset" {
	agent_start
	ak set 10.0.0.2 "$ELSEWHERE"
	ip -n "$ID-keeper" addr add 10.0.0.2/24 dev lan0
	await 5 grep -q 'conflict: 10.0.0.2 ' "$RESULT/agent.log"
	holds 10.0.0.2 static "$ELSEWHERE"
	ak unset 10.0.0.2
	await 5 holds 10.0.0.2 local "$KEEPER_MAC"
}
