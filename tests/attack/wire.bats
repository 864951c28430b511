#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a host on the wire tries for real: h1 is the attacker, h2 the owner of 10.0.0.12.

load lib

OWNED=10.0.0.12

setup() {
	sandbox
	lan 3
}

teardown() {
	sandbox_clear
}

# accomplice: h1's kernel has the address, too, so that it replies to every asker.
accomplice() {
	ip -n "$ID-h1" addr add "$OWNED/32" dev eth0
}

claims() {
	frames h1 send --spa "$OWNED" --tpa "$OWNED" --wait 0
}

decided() {
	[[ $(look status --json) == *'"resolving": 0,'* ]]
}

# at_attacker: some commit says that the address is, or was, at h1.
at_attacker() {
	git -C "$REPO" log -p main -- "$(path_of "$OWNED")" | grep -q "mac $(host_mac 1)"
}

@test "a quiet owner is not robbed by a claimant that speaks and replies first" {
	agent_start
	watch_start
	accomplice
	claims
	await 10 alerted conflict "$OWNED"
	await 10 decided
	lacks "$OWNED"
	refuses at_attacker
	# The asker of a miss does not help the thief, either: another host's request reaches both.
	request h3 "$OWNED" >/dev/null
	refuses holds "$OWNED" dynamic
}

@test "blind replies take no address of a living host" {
	agent_start
	watch_start
	for _ in {1..20}; do # the agent's request is answered before it is read
		frames h1 send --op 2 --spa "$OWNED" --tpa 10.0.0.1 --tha "$KEEPER_MAC" --dst "$KEEPER_MAC" \
			--count 50 --wait 0
	done
	await 10 alerted conflict "$OWNED"
	await 10 decided
	refuses holds "$OWNED" dynamic "$(host_mac 1)"
	refuses at_attacker
}

# stations ARGUMENT...: invented stations behind h1, until the file `over` is there.
stations() {
	inside h1 python3 "$BATS_TEST_DIRNAME/stations.py" eth0 "$@" --until "$RESULT/over" >"$RESULT/stations.json" 3>&- &
	STATIONS=$!
	BACKGROUND+=("$STATIONS")
}

stations_end() {
	touch "$RESULT/over"
	wait "$STATIONS"
	cat "$RESULT/stations.json"
}

learned_at_least() {
	(($(reported '.table.dynamic + .table.stale') >= $1))
}

@test "a flood of invented stations that reply is learned no faster than learn-rate" {
	LAN=10.0.0.0/16 configure 'learn-rate = 1' 'timeout = 1h'
	agent_start
	watch_start
	began=$EPOCHSECONDS
	stations 10.0.1.0 2000 --rate 500
	await 20 learned_at_least 60 # a minute's worth, at once
	await 10 alerted learn-limit
	await 20 refused_at_least 1000
	stations_end
	held=$(reported '.table.dynamic + .table.stale')
	echo "learned: $held"
	((held <= 60 + EPOCHSECONDS - began + 1))
}

refused_at_least() {
	(($(reported .table.refused) >= $1))
}

@test "one station with invented addresses gets mac-limit of them, and others are learned" {
	configure 'mac-limit = 5' 'mac-limit-action = refuse'
	agent_start
	watch_start
	stations 10.0.0.100 50 --mac "$(host_mac 1)" --rate 200
	await 10 learned_at_least 5
	await 10 alerted many-addresses '' "$(host_mac 1)"
	inside h2 arping -q -U -c 1 -I eth0 "$OWNED"
	await 10 holds "$OWNED" dynamic "$(host_mac 2)"
	stations_end
	[ "$(ak show --json | jq --arg mac "$(host_mac 1)" '[.entries[] | select(.mac == $mac)] | length')" -eq 5 ]
}

# push_dynamic MAC: main says that the host has had the address for months.
push_dynamic() {
	clone
	write_entry "$OWNED" "$1" dynamic
	git -C "$CLONE" commit -qm "from long ago"
	git -C "$CLONE" push -q origin HEAD:merge/old
}

@test "a host that reboots gets its address back from the thief that took it meanwhile" {
	configure 'hold = 4s'
	agent_start
	watch_start
	push_dynamic "$(host_mac 2)"
	await 10 holds "$OWNED" dynamic "$(host_mac 2)" # it is there
	ip -n "$ID-h2" link set eth0 down
	accomplice
	claims
	began=${EPOCHREALTIME/./}
	await 15 holds "$OWNED" dynamic "$(host_mac 1)"
	((${EPOCHREALTIME/./} - began >= 3900000)) # a new binding is held for three seconds
	ip -n "$ID-h2" link set eth0 up
	inside h2 arping -q -U -c 1 -I eth0 "$OWNED"
	await 10 holds "$OWNED" dynamic "$(host_mac 2)"
	await 5 alerted reclaimed "$OWNED" "$(host_mac 2)"
	await 5 recorded "$OWNED" "$(host_mac 2)" dynamic
	run git -C "$REPO" log -1 --format=%B main -- "$(path_of "$OWNED")"
	says "move: $OWNED" "Task: move/"
}

speaks() {
	frames "$1" send --spa "$OWNED" --tpa "$OWNED" --wait 0
}

# takes HOST: it says that it has the address, and is believed. (The program reports the same news once a second.)
takes() {
	await 5 has_taken "$1"
}

has_taken() {
	speaks "$1"
	holds "$OWNED" dynamic "$(host_mac "${1#h}")"
}

is_frozen() {
	[[ $(entry "$OWNED" frozen) == true ]]
}

@test "two hosts that take an address from each other freeze it, and a restart does not release it" {
	configure 'learn = passive' 'duplicate-moves = 3'
	agent_start
	watch_start
	for host in h1 h2 h1 h2; do
		takes "$host"
	done
	await 5 alerted duplicate "$OWNED" "$(host_mac 2)"
	is_frozen
	run ak show "$OWNED"
	says "dynamic, frozen"
	[ "$(reported .table.frozen)" -eq 1 ]
	refuses answered_by_agent
	agent_kill
	agent_start
	is_frozen
	speaks h1
	frames h1 send --spa 10.0.0.99 --tpa 10.0.0.99 --wait 0 # is heard after it
	await 5 holds 10.0.0.99 dynamic
	holds "$OWNED" dynamic "$(host_mac 2)"
	ak unset "$OWNED"
	takes h1
	refuses is_frozen
	answered_by_agent
}

answered_by_agent() {
	frames h3 send --spa 10.0.0.13 --tpa "$OWNED" --wait 0.3 | grep -q "^src=$KEEPER_MAC "
}
