#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# learn = verified, against real kernels: a new or changed sender must reply to a unicast request first, and
# a living host's address cannot be stolen. h1 is the thief, h2 the owner of 10.0.0.12, h3 asks.

load lib

OWNED=10.0.0.12
FLOOD=$(dirname "$LOOKER")/system/flood

setup() {
	sandbox
	lan 3
}

teardown() {
	sandbox_clear
}

# known: h2 is learned.
known() {
	inside h2 arping -q -U -c 1 -I eth0 "$OWNED"
	await 10 holds "$OWNED" dynamic "$(host_mac 2)"
}

# accomplice: h1's kernel has the address too, so that it replies to every asker.
accomplice() {
	ip -n "$ID-h1" addr add "$OWNED/32" dev eth0
}

# steal KIND: frames that say the address is at h1.
steal() {
	case $1 in
	announcement) set -- --op 1 --tpa "$OWNED" ;;
	gratuitous-reply) set -- --op 2 --tpa "$OWNED" ;;
	reply) set -- --op 2 --tpa 10.0.0.1 --tha "$KEEPER_MAC" --dst "$KEEPER_MAC" ;;
	request) set -- --op 1 --tpa 10.0.0.1 ;;
	esac
	frames h1 send --spa "$OWNED" --wait 0 --count 3 "$@"
}

KINDS=(announcement gratuitous-reply reply request)

# defeated: an alert names the thief, no request is left, and the owner keeps its address.
defeated() {
	await 10 alerted conflict "$OWNED" "$(host_mac 1)"
	await 10 decided
	holds "$OWNED" dynamic "$(host_mac 2)"
	refuses has_commit move
	recorded "$OWNED" "$(host_mac 2)" dynamic
}

decided() {
	[[ $(look status --json) == *'"resolving": 0,'* ]]
}

# theft: in all ways, and then a hundred thousand times.
theft() {
	for kind in "${KINDS[@]}"; do
		steal "$kind"
		[ "$(replied)" = "$(host_mac 2)" ]
	done
	defeated
	flood_of_claims
	[ "$(replied)" = "$(host_mac 2)" ]
	defeated
}

flood_of_claims() {
	inside h1 "$FLOOD" eth0 --spa="$OWNED" --tpa=10.0.0.1 --count=100000
}

# replied: the MACs that replies gave for the address; the owner itself may reply, too.
replied() {
	frames h3 send --spa 10.0.0.13 --tpa "$OWNED" --wait 0.3 |
		sed -n "s/^src=$KEEPER_MAC .* sha=\([0-9a-f:]*\) .*/\1/p"
}

# hear_start HOST: what it hears from now on.
hear_start() {
	frames "$1" listen --wait 60 >"$RESULT/$1.txt" 2>"$RESULT/$1.ready" 3>&- &
	BACKGROUND+=($!)
	await 5 grep -q ready "$RESULT/$1.ready"
}

# asked HOST [TIMES]: we asked it, by unicast, for the address.
asked() {
	(($(grep -c "dst=$(host_mac "${1#h}") .*op=1 sha=$KEEPER_MAC .*tpa=$OWNED" "$RESULT/$1.txt") >= ${2:-1}))
}

@test "a new host is learned when it has answered a unicast request" {
	agent_start
	hear_start h2
	known
	asked h2
	await 5 recorded "$OWNED" "$(host_mac 2)" dynamic
	run git -C "$REPO" log -1 --format=%B main -- "$(path_of "$OWNED")"
	says "learn: $OWNED is at $(host_mac 2)" "Task: learn/"
}

@test "a host that does not reply to a unicast request is not learned, until it does" {
	agent_start
	mute 2
	hear_start h2
	inside h2 arping -q -U -c 1 -I eth0 "$OWNED"
	await 10 asked h2 3
	await 10 lacks "$OWNED" # neither learned nor dead: a sender that does not reply changes nothing
	refuses recorded "$OWNED"
	inside h2 sysctl -qw net.ipv4.conf.eth0.arp_ignore=0
	known
}

@test "a thief that does not reply cannot steal a living host's address" {
	agent_start
	known
	watch_start
	theft
}

@test "a thief that replies, too, cannot steal a living host's address" {
	agent_start
	known
	watch_start
	accomplice
	hear_start h1
	theft
	asked h1 # and it has replied
}

@test "when the old owner is silent, the agent follows the new one within seconds" {
	agent_start
	known
	watch_start
	ip -n "$ID-h2" link set eth0 down
	accomplice
	inside h1 arping -q -U -c 1 -I eth0 "$OWNED"
	[ "$(replied)" = "$(host_mac 2)" ] # until the agent has decided
	await 8 holds "$OWNED" dynamic "$(host_mac 1)"
	await 5 recorded "$OWNED" "$(host_mac 1)" dynamic
	alerted moved "$OWNED" "$(host_mac 1)"
	run git -C "$REPO" log -1 --format=%B main -- "$(path_of "$OWNED")"
	says "move: $OWNED" "Task: move/"
}

@test "when both are silent, the agent removes the address" {
	agent_start
	known
	ip -n "$ID-h2" link set eth0 down
	steal announcement
	await 10 unrecorded "$OWNED"
	refuses holds "$OWNED" dynamic
	refuses has_commit move
}

# defended ADDRESS MAC: how often the agent announced it.
defended() {
	grep -c "src=$KEEPER_MAC dst=ff:ff:ff:ff:ff:ff .*op=1 sha=$2 spa=$1 .*tpa=$1" "$RESULT/h3.txt" || true
}

defended_times() {
	(($(defended "$1" "$2") == $3))
}

@test "the agent defends a declared address by one announcement in ten seconds, and never gives it up" {
	configure 'announce = off'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	hear_start h3
	for _ in {1..8}; do
		frames h1 send --spa 10.0.0.50 --tpa 10.0.0.50 --wait 0.3
	done
	defended_times 10.0.0.50 "$ELSEWHERE" 1
	await 10 attacked_and_defended_again
	defended_times 10.0.0.50 "$ELSEWHERE" 2
	holds 10.0.0.50 static "$ELSEWHERE"
	# h1's own address was never in conflict, so the agent announced nothing for it.
	refuses grep -q 'spa=10.0.0.11 .*tpa=10.0.0.11' "$RESULT/h3.txt"
}

attacked_and_defended_again() {
	frames h1 send --spa 10.0.0.50 --tpa 10.0.0.50 --wait 0.6
	defended_times 10.0.0.50 "$ELSEWHERE" 2
}

# crowd FIRST LAST: gives h1 so many more addresses; it announces them, and replies for them.
crowd() {
	local n
	for ((n = $1; n <= $2; n++)); do
		echo "addr add 10.0.0.$n/32 dev eth0"
	done | ip -n "$ID-h1" -batch -
	for ((n = $1; n <= $2; n++)); do
		frames h1 send --spa "10.0.0.$n" --tpa "10.0.0.$n" --wait 0
	done
}

learned_are() {
	[[ $(reported .table.dynamic) == "$1" ]]
}

@test "one MAC that replies for more addresses than mac-limit is an alert, once" {
	configure 'mac-limit = 5'
	agent_start
	watch_start
	crowd 101 109
	await 10 learned_are 9
	await 5 alerted many-addresses '' "$(host_mac 1)"
	[ "$(jq -s '[.[] | select(.alert == "many-addresses")] | length' "$RESULT/watch.json")" -eq 1 ]
}

@test "the agent learns no more than learn-limit, reports it, and still accepts declared addresses" {
	configure 'learn-limit = 5'
	agent_start
	watch_start
	crowd 101 109
	await 10 learned_are 5
	await 5 alerted learn-limit
	[ "$(reported .table.refused)" -ge 1 ]
	ak set 10.0.0.50 "$ELSEWHERE"
	answered h3 10.0.0.50 "$ELSEWHERE"
	await 5 decided
	learned_are 5
}
