#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Several interfaces, several segments, one agent.

load lib

# The keeper's lan0 leads to h1, lan1 to h2, lan2 to h3; lan0 and lan1 are one segment.
setup() {
	sandbox
	pair
	wire 2
	wire 3
	configure 'interface = lan1' 'learn = passive' 'announce = static'
}

teardown() {
	sandbox_clear
}

port_mac() {
	printf '02:00:00:00:01:%02x\n' "$1"
}

# wire N: host hN on the keeper's interface lan(N-1), which has no address.
wire() {
	space "h$1"
	ip -n "$ID-keeper" link add "lan$(($1 - 1))" address "$(port_mac "$1")" type veth \
		peer name eth0 netns "$ID-h$1" address "$(host_mac "$1")"
	ip -n "$ID-keeper" link set "lan$(($1 - 1))" up
	dress_host "$1"
}

# other LINE...: a second segment, on lan2.
other() {
	printf '[segment "other"]\n\tinterface = lan2\n\tlearn = passive\n' >>"$CONFIG"
	printf '\t%s\n' "$@" >>"$CONFIG"
}

listen_start() {
	local host
	for host; do
		frames "$host" listen --wait 60 >"$RESULT/$host.txt" 2>"$RESULT/$host.ready" 3>&- &
		BACKGROUND+=($!)
		await 5 grep -q ready "$RESULT/$host.ready"
	done
}

port_is() {
	[[ $(reported ".ports[] | select(.interface == \"$1\") | .state") == "$2" ]]
}

# speak HOST ADDRESS MAC [ARGUMENT...]: a station behind that host says something.
speak() {
	local host=$1 address=$2 mac=$3
	shift 3
	frames "$host" send --spa "$address" --sha "$mac" --src "$mac" --tpa 10.0.0.1 --wait 0 "$@"
}

@test "an address learned on one interface is answered on the other, each from its own MAC" {
	agent_start
	speak h1 10.0.0.60 02:bb:bb:bb:bb:bb
	await 5 holds 10.0.0.60 dynamic 02:bb:bb:bb:bb:bb
	run request h2 10.0.0.60
	says "src=$(port_mac 2)" "sha=02:bb:bb:bb:bb:bb spa=10.0.0.60"
	run request h1 10.0.0.60
	says "src=$KEEPER_MAC" "sha=02:bb:bb:bb:bb:bb spa=10.0.0.60"
}

@test "a miss on one interface is asked on all of its segment, and on no other" {
	other 'prefix = 10.0.0.0/24'
	agent_start
	listen_start h1 h2 h3
	request h1 10.0.0.70 --wait 0
	await 5 grep -q "src=$KEEPER_MAC .*op=1 .*tpa=10.0.0.70" "$RESULT/h1.txt"
	await 5 grep -q "src=$(port_mac 2) .*op=1 sha=$(port_mac 2) .*tpa=10.0.0.70" "$RESULT/h2.txt"
	# The other segment is asked by us for something else, and so heard all that was meant for it.
	request h3 10.0.0.71 --wait 0
	await 5 grep -q 'op=1 .*tpa=10.0.0.71' "$RESULT/h3.txt"
	refuses grep 'tpa=10.0.0.70' "$RESULT/h3.txt"
	# Found on the other interface, and answered on the one where it was asked for.
	frames h2 send --op 2 --spa 10.0.0.70 --sha 02:bb:bb:bb:bb:70 --src 02:bb:bb:bb:bb:70 \
		--dst "$(port_mac 2)" --tha "$(port_mac 2)" --tpa 10.0.0.1 --wait 0
	await 5 holds 10.0.0.70 dynamic 02:bb:bb:bb:bb:70
	answered h1 10.0.0.70 02:bb:bb:bb:bb:70
}

@test "a station that moves to another interface of its segment keeps its binding" {
	agent_start
	speak h1 10.0.0.60 02:bb:bb:bb:bb:bb
	await 5 holds 10.0.0.60 dynamic 02:bb:bb:bb:bb:bb
	await 5 recorded 10.0.0.60 02:bb:bb:bb:bb:bb
	before=$(tip)
	speak h2 10.0.0.60 02:bb:bb:bb:bb:bb
	speak h2 10.0.0.61 02:bb:bb:bb:bb:cc # a later one, which is recorded
	await 5 recorded 10.0.0.61
	answered h1 10.0.0.60 02:bb:bb:bb:bb:bb
	[ -z "$(git -C "$REPO" log --format=%s "$before..main" -- "$(path_of 10.0.0.60)")" ]
}

@test "with one link down the agent asks on the other alone; when it is up again, it announces" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	ip -n "$ID-keeper" link set lan1 down
	await 5 port_is lan1 down
	port_is lan0 attached
	answered h1 10.0.0.50 "$ELSEWHERE"
	listen_start h1 h2
	request h1 10.0.0.70 --wait 0
	await 5 grep -q 'op=1 .*tpa=10.0.0.70' "$RESULT/h1.txt"
	refuses grep "src=$(port_mac 2) .*tpa=10.0.0.70" "$RESULT/h2.txt"
	ip -n "$ID-keeper" link set lan1 up
	await 5 port_is lan1 attached
	await 5 grep -q "src=$(port_mac 2) .*sha=$ELSEWHERE spa=10.0.0.50 .*tpa=10.0.0.50" "$RESULT/h2.txt"
	answered h2 10.0.0.50 "$ELSEWHERE"
}

@test "an interface that goes and returns under another index answers again; the other never stops" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	index=$(reported '.ports[] | select(.interface == "lan1") | .ifindex')
	frames h1 stream --spa 10.0.0.11 --tpa 10.0.0.50 --rate 200 --until "$RESULT/done" --wait 60 >"$RESULT/stream" 3>&- &
	stream=$!
	BACKGROUND+=("$stream")
	ip -n "$ID-keeper" link del lan1
	await 5 port_is lan1 gone
	ip -n "$ID-keeper" link add spare type veth peer name spare1
	ip -n "$ID-keeper" link add lan1 address "$(port_mac 2)" type veth \
		peer name eth0 netns "$ID-h2" address "$(host_mac 2)"
	ip -n "$ID-keeper" link set lan1 up
	dress_host 2
	await 5 port_is lan1 attached
	[ "$(reported '.ports[] | select(.interface == "lan1") | .ifindex')" -ne "$index" ]
	await 5 answered h2 10.0.0.50 "$ELSEWHERE"
	touch "$RESULT/done"
	wait "$stream"
	[ "$(jq .lost "$RESULT/stream")" -eq 0 ]
}

@test "with --strict, one interface that is missing at the start is named, and nothing is attached to the others" {
	ip -n "$ID-keeper" link del lan1
	run timeout 20 "$ARPKEEPER" run --strict -c "$CONFIG" --netns "$ID-keeper"
	[ "$status" -eq 1 ]
	says lan1 "no such interface" "ip -br link"
	[ -z "$(xdp_mode lan0)" ]
	[ ! -e "$PINS" ]
}

@test "two segments with the same addresses on two interfaces stay apart" {
	other 'prefix = 10.0.0.0/24'
	agent_start
	ak set 10.0.0.50 02:00:00:00:00:50 --segment lan
	ak set 10.0.0.50 02:00:00:00:02:50 --segment other
	answered h1 10.0.0.50 02:00:00:00:00:50
	answered h2 10.0.0.50 02:00:00:00:00:50
	answered h3 10.0.0.50 02:00:00:00:02:50
	speak h3 10.0.0.60 02:bb:bb:bb:bb:03
	await 5 git -C "$REPO" cat-file -e main:other/10.0/10.0.0/10.0.0.60
	refuses recorded 10.0.0.60
	unanswered h1 10.0.0.60
	answered h3 10.0.0.60 02:bb:bb:bb:bb:03
}

@test "an address of several segments must be named with its segment" {
	other 'prefix = 10.0.0.0/24' 'prefix = 10.7.0.0/24'
	agent_start
	run ak set 10.0.0.50 "$ELSEWHERE"
	[ "$status" -eq 1 ]
	says "10.0.0.50 is in segment lan and in segment other" --segment
	run ak unset 10.0.0.50
	[ "$status" -eq 1 ]
	says --segment
	run ak set 10.0.0.50 "$ELSEWHERE" --segment third
	[ "$status" -eq 1 ]
	says "no segment 'third'"
	run ak set 10.7.0.50 "$ELSEWHERE" --segment lan
	[ "$status" -eq 1 ]
	says "10.7.0.50 is in no prefix of segment lan"
	ak set 10.7.0.50 "$ELSEWHERE" # only one has it
	ak set 10.0.0.50 02:00:00:00:00:50 --segment lan
	ak set 10.0.0.50 02:00:00:00:02:50 --segment other
	# Looking needs none: both are shown, each with its segment.
	[ "$(ak show 10.0.0.50 --json | jq -r '[.entries[].segment] | sort | join(" ")')" = "lan other" ]
	[ "$(ak show 10.0.0.50 --segment other --json | jq -r '.entries[].mac')" = 02:00:00:00:02:50 ]
	run ak show --segment third
	[ "$status" -eq 1 ]
	says "no segment 'third'"
	[ "$(ak log 10.0.0.50 --json | jq -r '[.events[].segment] | sort | join(" ")')" = "lan other" ]
	[ "$(ak at now 10.0.0.50 --json 2>/dev/null | jq -c '[(.entries | length), .entry]')" = '[2,null]' ]
	[ "$(ak at now 10.0.0.50 --segment lan --json | jq -r .entry.mac)" = 02:00:00:00:00:50 ]
	ak unset 10.0.0.50 --segment lan
	unanswered h1 10.0.0.50
	answered h3 10.0.0.50 02:00:00:00:02:50
}

@test "a list of addresses of several segments is imported into the named one" {
	other 'prefix = 10.0.0.0/24'
	agent_start
	echo '02:00:00:00:02:50 10.0.0.50' >"$RESULT/ethers"
	run ak import "$RESULT/ethers"
	[ "$status" -eq 1 ]
	says "10.0.0.50 is in several segments" --segment
	ak import "$RESULT/ethers" --segment other
	answered h3 10.0.0.50 02:00:00:00:02:50
	unanswered h1 10.0.0.50
}

@test "status shows each port with all of its segments" {
	other 'prefix = 10.0.0.0/24'
	printf '[segment "third"]\n\tinterface = lan2\n\tvlan = 5\n\tprefix = 10.0.0.0/24\n' >>"$CONFIG"
	agent_start
	[ "$(reported '[.ports[] | [.interface, .segments]]')" = \
		'[["lan0",["lan"]],["lan1",["lan"]],["lan2",["other","third"]]]' ]
	[ "$(reported '[.segments[].vlan]')" = '[null,null,5]' ]
	run ak status
	says "other, third"
}
