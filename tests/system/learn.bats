#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the agent learns, asks for, verifies and removes.

load lib

setup() {
	sandbox
}

teardown() {
	sandbox_clear
}

# speak HOST [ARGUMENT...]: one request for the agent's address, from the host's own unless ARGUMENTs differ.
speak() {
	local host=$1
	shift
	frames "$host" send --spa "$(host_address "${host#h}")" --tpa 10.0.0.1 --wait 0 "$@"
}

count_is() {
	[[ $(reported ".table.$1") == "$2" ]]
}

@test "a host that sends is learned, recorded, and answered for" {
	lan 2
	agent_start
	speak h1
	await 5 holds 10.0.0.11 dynamic "$(host_mac 1)"
	await 5 recorded 10.0.0.11 "$(host_mac 1)" dynamic
	run git -C "$REPO" log -1 --format=%B main -- "$(path_of 10.0.0.11)"
	says "learn: 10.0.0.11 is at $(host_mac 1)" "Task: learn/" "Segment: lan" "Interface: lan0" \
		"Trigger: request"
	mute 1
	run request h2 10.0.0.11
	says "src=$KEEPER_MAC" "sha=$(host_mac 1) spa=10.0.0.11"
	await 5 at_rest
}

@test "the agent asks for a missing address on the wire, learns it, records it and answers" {
	lan 3
	agent_start
	frames h3 listen --wait 4 >"$RESULT/h3.txt" 2>"$RESULT/h3.ready" 3>&- &
	BACKGROUND+=($!)
	await 5 grep -q ready "$RESULT/h3.ready"
	request h1 10.0.0.12
	await 5 holds 10.0.0.12 dynamic "$(host_mac 2)"
	await 5 recorded 10.0.0.12 "$(host_mac 2)" dynamic
	await 5 grep -q "dst=ff:ff:ff:ff:ff:ff .*op=1 sha=$KEEPER_MAC spa=10.0.0.1 .*tpa=10.0.0.12" "$RESULT/h3.txt"
	run git -C "$REPO" log -1 --format=%B main -- "$(path_of 10.0.0.12)"
	says "resolve: 10.0.0.12 is at $(host_mac 2)" "Task: resolve/"
	mute 2
	run request h1 10.0.0.12
	says "src=$KEEPER_MAC" "sha=$(host_mac 2) spa=10.0.0.12"
}

@test "the agent asks three times for an address that no host has, then stops" {
	lan 2
	agent_start
	frames h2 listen --wait 8 >"$RESULT/h2.txt" 2>"$RESULT/h2.ready" 3>&- &
	BACKGROUND+=($!)
	await 5 grep -q ready "$RESULT/h2.ready"
	unanswered h1 10.0.0.99
	await 10 holds 10.0.0.99 dead
	asked=$(grep -c "sha=$KEEPER_MAC .*tpa=10.0.0.99" "$RESULT/h2.txt")
	[ "$asked" -eq 3 ]
	for _ in 1 2 3; do
		unanswered h1 10.0.0.99
	done
	[ "$(grep -c "sha=$KEEPER_MAC .*tpa=10.0.0.99" "$RESULT/h2.txt")" -eq 3 ]
	refuses recorded 10.0.0.99
	holds 10.0.0.99 dead
}

@test "the agent asks a quiet host by unicast, and keeps it without a commit" {
	lan 1
	configure 'timeout = 1s'
	agent_start
	speak h1
	await 5 recorded 10.0.0.11 "$(host_mac 1)"
	commits=$(git -C "$REPO" rev-list --count main)
	run frames h1 listen --wait 6
	[ "$(grep -c "dst=$(host_mac 1) .*op=1 sha=$KEEPER_MAC .*tpa=10.0.0.11" <<<"$output")" -ge 2 ]
	refuses grep -q "dst=ff:ff:ff:ff:ff:ff .*tpa=10.0.0.11" <<<"$output"
	await 5 holds 10.0.0.11 dynamic "$(host_mac 1)"
	[ "$(git -C "$REPO" rev-list --count main)" -eq "$commits" ]
}

@test "the agent verifies a host that left, then removes it, with a commit" {
	lan 2
	configure 'timeout = 1s'
	agent_start
	speak h1
	speak h2
	await 5 recorded 10.0.0.11
	await 5 recorded 10.0.0.12
	ip -n "$ID-h2" link set eth0 down
	await 15 unrecorded 10.0.0.12
	refuses holds 10.0.0.12 dynamic
	refuses holds 10.0.0.12 stale
	run git -C "$REPO" log -1 --format=%B main -- "$(path_of 10.0.0.12)"
	says "expire: 10.0.0.12" "Task: expire/" "Trigger: silence"
	recorded 10.0.0.11
	await 5 at_rest
}

@test "a stale binding is still answered while it is being verified" {
	lan 2
	configure 'timeout = 1s'
	agent_start
	speak h2
	await 5 holds 10.0.0.12 dynamic
	ip -n "$ID-h2" link set eth0 down
	await 5 holds 10.0.0.12 stale
	answered h1 10.0.0.12 "$(host_mac 2)"
}

@test "learn = passive follows a host that changes its MAC at once, as a move" {
	lan 1
	configure 'learn = passive'
	agent_start
	speak h1
	await 5 recorded 10.0.0.11 "$(host_mac 1)"
	speak h1 --sha 02:dd:dd:dd:dd:dd --src 02:dd:dd:dd:dd:dd
	await 5 holds 10.0.0.11 dynamic 02:dd:dd:dd:dd:dd
	await 5 recorded 10.0.0.11 02:dd:dd:dd:dd:dd
	run git -C "$REPO" log -1 --format=%B main -- "$(path_of 10.0.0.11)"
	says "move: 10.0.0.11" "Task: move/"
}

@test "what a host says never overwrites a static binding" {
	lan 1
	agent_start
	ak set 10.0.0.11 "$ELSEWHERE"
	watch_start
	speak h1
	await 10 alerted conflict 10.0.0.11
	holds 10.0.0.11 static "$ELSEWHERE"
	recorded 10.0.0.11 "$ELSEWHERE" static
}

@test "enforce = on drops a frame that contradicts a static binding" {
	lan 1
	configure 'enforce = on'
	agent_start
	ak set 10.0.0.11 "$ELSEWHERE"
	ip -n "$ID-keeper" neigh flush dev lan0
	run request h1 10.0.0.1 --wait 0.5
	[ -z "$output" ]
	[ "$(counter drop_protected)" -ge 1 ]
}

@test "invalid frames are never learned" {
	lan 1
	agent_start
	# A group MAC, none, and one that is not the frame's source.
	speak h1 --spa 10.0.0.70 --sha 01:00:5e:00:00:01
	speak h1 --spa 10.0.0.71 --sha 00:00:00:00:00:00
	speak h1 --spa 10.0.0.72 --sha 02:ee:ee:ee:ee:ee
	speak h1 --spa 10.0.0.73 --sha ff:ff:ff:ff:ff:ff --src ff:ff:ff:ff:ff:ff
	# A foreign prefix, the network's and the broadcast address, our own, and a probe.
	speak h1 --spa 192.168.7.7
	speak h1 --spa 10.0.0.0
	speak h1 --spa 10.0.0.255
	speak h1 --spa 10.0.0.1
	speak h1 --spa 0.0.0.0
	speak h1
	await 5 recorded 10.0.0.11
	[ "$(ak show --json --state dynamic | jq '.entries | length')" -eq 1 ]
	holds 10.0.0.1 local "$KEEPER_MAC"
	await 5 at_rest
	[ "$(git -C "$REPO" ls-tree -r --name-only main lan/)" = "$(path_of 10.0.0.11)" ]
}

@test "learn = off learns nothing" {
	lan 1
	configure 'learn = off'
	agent_start
	speak h1
	await 5 test "$(counter arp_frames)" -ge 1
	ak set 10.0.0.50 "$ELSEWHERE"
	lacks 10.0.0.11
	count_is dynamic 0
}

@test "learn = passive learns and records many hosts at once" {
	pair
	configure 'learn = passive' 'learn-rate = 0'
	agent_start
	for n in $(seq 20 99); do
		echo "--spa 10.0.0.$n --sha 02:00:00:00:01:$n --src 02:00:00:00:01:$n"
	done >"$RESULT/speakers"
	inside h1 xargs -n 6 -P 4 "$FRAMES" eth0 send --tpa 10.0.0.1 --wait 0 \
		<"$RESULT/speakers"
	await 10 count_is dynamic 80
	await 10 at_rest
	[ "$(git -C "$REPO" ls-tree -r --name-only main lan/ | wc -l)" -eq 80 ]
}
