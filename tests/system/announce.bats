#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Announcements: gratuitous requests for local and static bindings (RFC 5227 2.3).

load lib

setup() {
	sandbox
	pair
}

teardown() {
	sandbox_clear
}

# listen_start: writes what h1 receives from now on to heard.txt.
listen_start() {
	frames h1 listen --wait 60 >"$RESULT/heard.txt" 2>"$RESULT/ready" 3>&- &
	BACKGROUND+=($!)
	await 5 grep -q ready "$RESULT/ready"
}

# tcpdump_start: the same with times, in wire.txt; without h1's own frames.
tcpdump_start() {
	inside h1 tcpdump -B 8192 -l -ttni eth0 'arp and not arp[14:4] = 0x0a00000b' \
		>"$RESULT/wire.txt" 2>"$RESULT/tcpdump.txt" 3>&- &
	BACKGROUND+=($!)
	await 5 grep -q listening "$RESULT/tcpdump.txt"
}

# announced ADDRESS MAC: a request for itself, broadcast, from the port's own MAC.
announced() {
	grep -q "src=$KEEPER_MAC dst=ff:ff:ff:ff:ff:ff vlan=- op=1 sha=$2 spa=$1 tha=[0-9a-f:]* tpa=$1 tags=" \
		"$RESULT/heard.txt"
}

@test "the host's own addresses are announced at the start, others are not" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	agent_stop
	listen_start
	agent_start
	await 5 announced 10.0.0.1 "$KEEPER_MAC"
	refuses announced 10.0.0.50 "$ELSEWHERE"
}

@test "announce = static announces declared ones too: at the start and when set" {
	configure 'announce = static'
	agent_start
	listen_start
	ak set 10.0.0.50 "$ELSEWHERE"
	await 5 announced 10.0.0.50 "$ELSEWHERE"
	agent_stop
	: >"$RESULT/heard.txt"
	agent_start
	await 5 announced 10.0.0.50 "$ELSEWHERE"
	await 5 announced 10.0.0.1 "$KEEPER_MAC"
}

@test "announcements are repeated when the link comes up" {
	configure 'announce = static'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	ip -n "$ID-keeper" link set lan0 down
	listen_start
	ip -n "$ID-keeper" link set lan0 up
	await 5 announced 10.0.0.50 "$ELSEWHERE"
}

# announcements ADDRESS MAC: how many were heard.
announcements() {
	grep -c "op=1 sha=$2 spa=$1 tha=[0-9a-f:]* tpa=$1 " "$RESULT/heard.txt" || true
}

announced_times() {
	(($(announcements "$1" "$2") >= $3))
}

# Returns when the start's own announcements are over: those of one address.
agent_start_and_announced() {
	listen_start
	agent_start
	await 6 announced_times 10.0.0.1 "$KEEPER_MAC" 2
}

@test "an announcement is sent twice, and no third time" {
	configure 'announce = static'
	agent_start_and_announced
	tcpdump_start
	ak set 10.0.0.50 "$ELSEWHERE"
	await 6 announced_times 10.0.0.50 "$ELSEWHERE" 2
	ak set 10.0.0.51 "$ELSEWHERE" # its two come after any third one of the first
	await 6 announced_times 10.0.0.51 "$ELSEWHERE" 2
	[ "$(announcements 10.0.0.50 "$ELSEWHERE")" -eq 2 ]
	# RFC 5227 ANNOUNCE_INTERVAL, less the delay of a clock that was read 20 ms ago.
	awk '/who-has 10.0.0.50 .*tell 10.0.0.50/ { t[n++] = $1 }
		END { print "apart: " t[1] - t[0] " s"; exit !(n == 2 && t[1] - t[0] > 1.97) }' "$RESULT/wire.txt"
}

@test "a binding that was unset or changed is not announced a second time in its old form" {
	configure 'announce = static'
	agent_start_and_announced
	local n begun
	# Once more with other addresses, if the machine took longer than the 2 s between two announcements.
	for n in 5 6 7 8 9; do
		begun=${EPOCHREALTIME/./}
		ak set "10.0.0.${n}0" "$ELSEWHERE"
		ak set "10.0.0.${n}1" "$ELSEWHERE"
		await 5 announced "10.0.0.${n}0" "$ELSEWHERE"
		await 5 announced "10.0.0.${n}1" "$ELSEWHERE"
		ak unset "10.0.0.${n}0"
		ak set "10.0.0.${n}1" 02:bb:bb:bb:bb:bb
		((${EPOCHREALTIME/./} - begun > 1900000)) || break
	done
	ak set "10.0.0.${n}2" "$ELSEWHERE"
	await 6 announced_times "10.0.0.${n}2" "$ELSEWHERE" 2
	await 6 announced_times "10.0.0.${n}1" 02:bb:bb:bb:bb:bb 2
	[ "$(announcements "10.0.0.${n}0" "$ELSEWHERE")" -eq 1 ]
	[ "$(announcements "10.0.0.${n}1" "$ELSEWHERE")" -eq 1 ]
}

@test "a new address of the interface is announced, and all of them when its MAC changes" {
	agent_start
	listen_start
	ip -n "$ID-keeper" addr add 10.0.0.2/24 dev lan0
	await 5 announced 10.0.0.2 "$KEEPER_MAC"
	ip -n "$ID-keeper" link set lan0 address 02:00:00:00:00:77
	await 5 grep -q "src=02:00:00:00:00:77 .*sha=02:00:00:00:00:77 spa=10.0.0.1 .*tpa=10.0.0.1 " \
		"$RESULT/heard.txt"
	await 5 grep -q "src=02:00:00:00:00:77 .*sha=02:00:00:00:00:77 spa=10.0.0.2 .*tpa=10.0.0.2 " \
		"$RESULT/heard.txt"
}

@test "learned bindings are never announced" {
	configure 'announce = static' 'learn = passive'
	agent_start
	frames h1 send --spa 10.0.0.60 --sha 02:bb:bb:bb:bb:bb --src 02:bb:bb:bb:bb:bb --tpa 10.0.0.1 --wait 0
	await 5 holds 10.0.0.60 dynamic 02:bb:bb:bb:bb:bb
	ip -n "$ID-keeper" link set lan0 down
	listen_start
	ip -n "$ID-keeper" link set lan0 up
	await 8 announced_times 10.0.0.1 "$KEEPER_MAC" 2
	[ "$(announcements 10.0.0.60 02:bb:bb:bb:bb:bb)" -eq 0 ]
}

@test "announce-every repeats announcements, once each time" {
	configure 'announce = static' 'announce-every = 3s'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	tcpdump_start
	await 20 many_on_wire 10.0.0.50 7
	# Those of the first seconds belong to `set` and to the start. Of the others, each beat has one only.
	awk '/who-has 10.0.0.50 .*tell 10.0.0.50/ {
			if (!first) first = $1
			if ($1 - first < 4) next
			if (n++ && $1 - last < 2) close_by = 1
			last = $1
		}
		END { exit close_by || n < 2 }' "$RESULT/wire.txt"
}

many_on_wire() {
	(($(grep -c "who-has $1 .*tell $1" "$RESULT/wire.txt") >= $2))
}

@test "announcements of 2,000 declared addresses are paced when the link goes up, down and up" {
	configure 'announce = static'
	sed -i 's|prefix = .*|prefix = 10.0.0.0/16|' "$CONFIG"
	agent_start
	for ((i = 0; i < 2000; i++)); do
		printf '02:00:0a:00:%02x:%02x 10.0.%d.%d\n' $((100 + i / 200)) $((1 + i % 200)) $((100 + i / 200)) $((1 + i % 200))
	done >"$RESULT/ethers"
	ip -n "$ID-keeper" link set lan0 down
	ak import "$RESULT/ethers" --format ethers
	tcpdump_start
	ip -n "$ID-keeper" link set lan0 up
	ip -n "$ID-keeper" link set lan0 down
	ip -n "$ID-keeper" link set lan0 up
	await 30 heard_twice 2000
	# No second, wherever it begins, has more than 500 and one tick's.
	awk 'BEGIN { first = 0 }
		{ t[n++] = $1; while (t[n - 1] - t[first] >= 1) first++; if (n - first > most) most = n - first }
		END { print "at most " most " a second"; exit most > 510 }' "$RESULT/wire.txt"
	# Meanwhile a request is answered.
	answered h1 10.0.100.1 02:00:0a:00:64:01
}

# heard_twice N: so many addresses were announced two times or more.
heard_twice() {
	(($(awk '/who-has/ { if (++n[$5] == 2) c++ } END { print c + 0 }' "$RESULT/wire.txt") >= $1))
}

@test "announcements of a segment with a VLAN are tagged, and nowhere else" {
	configure 'announce = static' 'vlan = 10'
	agent_start
	listen_start
	ak set 10.0.0.50 "$ELSEWHERE"
	await 5 grep -q "src=$KEEPER_MAC dst=ff:ff:ff:ff:ff:ff vlan=10 op=1 sha=$ELSEWHERE spa=10.0.0.50 .*tags=8100:000a" \
		"$RESULT/heard.txt"
	refuses grep -q 'vlan=- .*spa=10.0.0.50' "$RESULT/heard.txt"
}

@test "announce = off is silent" {
	configure 'announce = off'
	listen_start
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	answered h1 10.0.0.50 "$ELSEWHERE"
	refuses announced 10.0.0.1 "$KEEPER_MAC"
	refuses announced 10.0.0.50 "$ELSEWHERE"
}
