#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The host's own neighbour table: what ours knows is in there, what it finds out is in ours.

load lib

setup() {
	sandbox
}

teardown() {
	sandbox_clear
}

# neigh [ARGUMENT...]: the keeper's own table.
neigh() {
	ip -n "$ID-keeper" -d neigh show "$@"
}

# is_known ADDRESS TEXT...: the keeper's table has it, and says all of these.
is_known() {
	local line text
	line=$(neigh "$1")
	shift
	[[ -n $line ]] || return 1
	for text; do
		[[ $line == *" $text"* ]] || return 1
	done
}

# is_ours ADDRESS MAC: an entry that we made.
is_ours() {
	is_known "$1" "lladdr $2" extern_learn 'proto 65'
}

is_unknown() {
	[[ -z $(neigh "$1") ]]
}

# A round is over: what it would do is done. One begins at the start, and every 10 s.
ours_are() {
	[[ $(neigh proto 65 | wc -l) -eq $1 ]]
}

# witness HOST COMMAND...: what arrives at the host while COMMAND runs, in $RESULT/seen.txt.
witness() {
	local host=$1 pid
	shift
	inside "$host" tcpdump -nn -e -l -i eth0 --immediate-mode arp >"$RESULT/seen.txt" 2>"$RESULT/tcpdump.txt" 3>&- &
	pid=$!
	BACKGROUND+=("$pid")
	await 5 grep -q 'listening on' "$RESULT/tcpdump.txt"
	"$@"
	kill "$pid" # not -INT: what a shell starts aside ignores that
	wait "$pid" || true
}

# asked_for ADDRESS: how often the witness was asked for it.
asked_for() {
	grep -c "Request who-has $1 " "$RESULT/seen.txt" || true
}

@test "what is declared or learned is in the host's table, as an entry of ours" {
	pair
	configure 'kernel = export' 'learn = passive'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	await 5 is_ours 10.0.0.50 "$ELSEWHERE"
	is_known 10.0.0.50 REACHABLE
	request h1 10.0.0.50
	await 5 is_ours 10.0.0.11 "$(host_mac 1)"
	ak unset 10.0.0.50
	await 5 is_unknown 10.0.0.50
}

@test "the host talks without asking" {
	pair
	configure 'kernel = export' 'learn = passive'
	agent_start
	request h1 10.0.0.50
	await 5 is_ours 10.0.0.11 "$(host_mac 1)"
	ip -n "$ID-h1" neigh replace 10.0.0.1 lladdr "$KEEPER_MAC" dev eth0 nud permanent
	witness h1 inside keeper ping -q -c 3 -i 0.2 -W 2 10.0.0.11
	[ "$(asked_for 10.0.0.11)" -eq 0 ]
	ip -n "$ID-h1" neigh del 10.0.0.1 dev eth0
	inside h1 ping -q -c 2 -i 0.2 -W 2 10.0.0.1
}

