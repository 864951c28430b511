#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# VLANs end to end: frames with tags of either protocol, made by hand, and the agent's own.

load lib

setup() {
	sandbox
	pair
}

teardown() {
	sandbox_clear
}

# segment NAME LINE...: one more segment on lan0.
segment() {
	printf '[segment "%s"]\n\tinterface = lan0\n' "$1" >>"$CONFIG"
	shift
	printf '\t%s\n' "$@" >>"$CONFIG"
}

# tagged ADDRESS MAC TAG...: h1 asks with the tags, and the answer has the same ones.
tagged() {
	local address=$1 mac=$2 tag tags=() whole=''
	shift 2
	for tag; do
		tags+=(--vlan "$tag")
		whole+=${whole:+,}${tag/0x/}
	done
	run request h1 "$address" "${tags[@]}" --wait 1
	says "src=$KEEPER_MAC dst=$(host_mac 1)" "sha=$mac spa=$address" "tags=$whole"
}

# unheard ADDRESS [ARGUMENT...]: no reply comes.
unheard() {
	run request h1 "$@" --wait 0.3
	[ -z "$output" ]
}

listen_start() {
	frames h1 listen --wait 60 >"$RESULT/heard.txt" 2>"$RESULT/ready" 3>&- &
	BACKGROUND+=($!)
	await 5 grep -q ready "$RESULT/ready"
}

heard() {
	grep -q "$1" "$RESULT/heard.txt"
}

# knows SEGMENT ADDRESS STATE MAC
knows() {
	look show --json | jq -e --arg segment "$1" --arg address "$2" --arg state "$3" --arg mac "$4" \
		'.entries[] | select(.segment == $segment and .address == $address and .state == $state and .mac == $mac)'
}

# in_git SEGMENT ADDRESS: main's file of it.
in_git() {
	git -C "$REPO" show "main:$1${2:+/$(path_of "$2" | cut -d/ -f2-)}"
}

@test "one tag, 802.1Q or 802.1ad, is answered with the same" {
	configure 'vlan = 10'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	tagged 10.0.0.50 "$ELSEWHERE" 8100:0x000a
	tagged 10.0.0.50 "$ELSEWHERE" 88a8:0x000a
}

@test "priority and drop bits are kept in the reply" {
	configure 'vlan = 10'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	tagged 10.0.0.50 "$ELSEWHERE" 8100:0xb00a
	tagged 10.0.0.50 "$ELSEWHERE" 88a8:0xf00a
}

@test "two tags are answered with the same, in any mixture" {
	configure 'vlan = 100.10'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	tagged 10.0.0.50 "$ELSEWHERE" 88a8:0x0064 8100:0x000a
	tagged 10.0.0.50 "$ELSEWHERE" 8100:0x0064 8100:0x000a
	tagged 10.0.0.50 "$ELSEWHERE" 88a8:0xa064 8100:0x600a
	reported -e '.segments[0].vlan == "100.10"'
	run ak status
	says "100.10"
}

@test "another VLAN, one tag of two, or tags the other way round are not answered" {
	configure 'vlan = 100.10'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	unheard 10.0.0.50
	unheard 10.0.0.50 --vlan 10
	unheard 10.0.0.50 --vlan 100
	unheard 10.0.0.50 --vlan 10 --vlan 100
	unheard 10.0.0.50 --vlan 100 --vlan 11
	unheard 10.0.0.50 --vlan 100 --vlan 10 --vlan 10
	[ "$(counter answered)" -eq 0 ]
}

@test "a tag with VLAN 0 is a priority: the frame is answered as an untagged one" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	tagged 10.0.0.50 "$ELSEWHERE" 8100:0xa000
	unheard 10.0.0.50 --vlan 10
}

@test "segments on several VLANs of one interface, with the same addresses, are independent" {
	configure
	segment red 'vlan = 10' "prefix = $LAN" 'learn = passive'
	segment blue 'vlan = 20' "prefix = $LAN" 'learn = passive'
	segment green 'vlan = 20.10' 'prefix = 10.0.0.0/16' 'learn = passive'
	agent_start
	ak set 10.0.0.50 02:00:00:00:10:50 --segment red
	ak set 10.0.0.50 02:00:00:00:20:50 --segment blue
	ak set 10.0.0.50 02:00:00:00:30:50 --segment green
	unheard 10.0.0.50
	tagged 10.0.0.50 02:00:00:00:10:50 8100:0x000a
	tagged 10.0.0.50 02:00:00:00:20:50 8100:0x0014
	tagged 10.0.0.50 02:00:00:00:30:50 88a8:0x0014 8100:0x000a
	# What is learned goes where it was heard, in the table and in git.
	frames h1 send --spa 10.0.0.60 --sha 02:bb:bb:bb:bb:10 --src 02:bb:bb:bb:bb:10 --tpa 10.0.0.1 --vlan 10 --wait 0
	frames h1 send --spa 10.0.0.60 --sha 02:bb:bb:bb:bb:20 --src 02:bb:bb:bb:bb:20 --tpa 10.0.0.1 --vlan 20 --wait 0
	await 5 knows red 10.0.0.60 dynamic 02:bb:bb:bb:bb:10
	await 5 knows blue 10.0.0.60 dynamic 02:bb:bb:bb:bb:20
	refuses knows green 10.0.0.60 dynamic 02:bb:bb:bb:bb:20
	await 5 in_git red 10.0.0.60
	await 5 in_git blue 10.0.0.60
	in_git red 10.0.0.60 | grep -x 'mac 02:bb:bb:bb:bb:10'
	in_git blue 10.0.0.60 | grep -x 'mac 02:bb:bb:bb:bb:20'
	in_git green 10.0.0.50 | grep -x 'mac 02:00:00:00:30:50'
	tagged 10.0.0.60 02:bb:bb:bb:bb:10 8100:0x000a
	tagged 10.0.0.60 02:bb:bb:bb:bb:20 8100:0x0014
}

@test "segments with the same addresses keep their own when the configuration changes its order" {
	configure 'vlan = 10'
	segment blue 'vlan = 20' "prefix = $LAN"
	agent_start
	ak set 10.0.0.50 02:00:00:00:10:50 --segment lan
	ak set 10.0.0.50 02:00:00:00:20:50 --segment blue
	before=$(tip)
	agent_stop --keep
	sed -i '/^\[segment/,$d' "$CONFIG"
	segment blue 'vlan = 20' "prefix = $LAN"
	segment lan 'vlan = 10' "prefix = $LAN"
	agent_start
	tagged 10.0.0.50 02:00:00:00:10:50 8100:0x000a
	tagged 10.0.0.50 02:00:00:00:20:50 8100:0x0014
	[ "$(tip)" = "$before" ]
}

@test "the agent asks for a miss with the segment's tag, learns the reply and answers" {
	configure 'vlan = 10'
	agent_start
	listen_start
	request h1 10.0.0.70 --vlan 10 --wait 0
	await 5 heard "src=$KEEPER_MAC dst=ff:ff:ff:ff:ff:ff vlan=10 op=1 sha=$KEEPER_MAC spa=0.0.0.0 .*tpa=10.0.0.70 tags=8100:000a"
	refuses heard 'vlan=- op=1 .*tpa=10.0.0.70'
	frames h1 send --op 2 --spa 10.0.0.70 --sha "$ELSEWHERE" --src "$ELSEWHERE" --dst "$KEEPER_MAC" \
		--tha "$KEEPER_MAC" --tpa 10.0.0.1 --vlan 10 --wait 0
	await 5 holds 10.0.0.70 dynamic "$ELSEWHERE"
	tagged 10.0.0.70 "$ELSEWHERE" 8100:0x000a
}

@test "the agent's own frames have vlan-protocol = 802.1ad" {
	configure 'vlan = 10' 'vlan-protocol = 802.1ad' 'announce = static'
	agent_start
	listen_start
	request h1 10.0.0.70 --vlan 88a8:10 --wait 0
	await 5 heard 'op=1 .*tpa=10.0.0.70 tags=88a8:000a'
	ak set 10.0.0.50 "$ELSEWHERE"
	await 5 heard 'spa=10.0.0.50 .*tpa=10.0.0.50 tags=88a8:000a'
}

@test "the agent's own frames have both tags of a segment with two" {
	configure 'vlan = 100.10' 'announce = static' 'learn = passive' 'timeout = 2s'
	agent_start
	listen_start
	request h1 10.0.0.70 --vlan 88a8:100 --vlan 10 --wait 0
	await 5 heard 'op=1 .*tpa=10.0.0.70 tags=88a8:0064,8100:000a'
	ak set 10.0.0.50 "$ELSEWHERE"
	await 5 heard 'spa=10.0.0.50 .*tpa=10.0.0.50 tags=88a8:0064,8100:000a'
	# Unicast too: a station that has been silent is asked for.
	frames h1 send --spa 10.0.0.60 --sha "$(host_mac 1)" --tpa 10.0.0.1 --vlan 88a8:100 --vlan 10 --wait 0
	await 10 heard "dst=$(host_mac 1) vlan=100,10 op=1 .*tpa=10.0.0.60 tags=88a8:0064,8100:000a"
}

@test "an offload that may hide tags is reported once, and shown" {
	inside keeper ethtool -K lan0 rxvlan on
	configure 'vlan = 10'
	agent_start
	[ "$(reported '.ports[0].vlan_offload')" = on ]
	run ak status
	says RXVLAN
	[ "$(grep -c 'lan0: .*txvlan off' "$RESULT/agent.log")" -eq 1 ] # of a veth, it is the peer's
	inside keeper ethtool -K lan0 rxvlan off
	await 5 offload_is off
	inside keeper ethtool -K lan0 rxvlan on
	await 5 offload_is on
}

offload_is() {
	[[ $(reported '.ports[0].vlan_offload') == "$1" ]]
}

rxvlan() {
	inside keeper ethtool -k lan0 | awk -v of="${1:-rx-vlan-offload}:" '$1 == of { print $2 }'
}

@test "without a VLAN the agent ignores the offload" {
	agent_start
	[ "$(reported '.ports[0].vlan_offload')" = null ]
	[ "$(rxvlan)" = on ]
	refuses grep 'lan0: .*vlan' "$RESULT/agent.log"
}

@test "vlan-offload = off switches the offload off, again when the interface returns, and back on at the end" {
	configure 'vlan = 10' 'vlan-offload = off'
	[ "$(rxvlan)" = on ]
	agent_start
	[ "$(rxvlan)" = off ]
	[ "$(rxvlan rx-vlan-stag-hw-parse)" = on ] # which nobody asked for
	[ "$(reported '.ports[0].vlan_offload')" = off ]
	grep 'lan0: rxvlan switched off' "$RESULT/agent.log"
	ip -n "$ID-keeper" link del lan0
	ip -n "$ID-keeper" link add lan0 address "$KEEPER_MAC" type veth \
		peer name eth0 netns "$ID-h1" address "$(host_mac 1)"
	dress_keeper
	dress_host 1
	await 5 rxvlan_is off
	agent_stop
	[ "$(rxvlan)" = on ]
}

rxvlan_is() {
	[[ $(rxvlan) == "$1" ]]
}

@test "an offload that was off before, or whose port stays attached, is not switched on at the end" {
	configure 'vlan = 10' 'vlan-protocol = 802.1ad' 'vlan-offload = off'
	inside keeper ethtool -K lan0 rx-vlan-stag-hw-parse off
	agent_start
	agent_stop
	[ "$(rxvlan rx-vlan-stag-hw-parse)" = off ]
	inside keeper ethtool -K lan0 rx-vlan-stag-hw-parse on
	agent_start
	[ "$(rxvlan rx-vlan-stag-hw-parse)" = off ]
	agent_stop --keep
	[ "$(rxvlan rx-vlan-stag-hw-parse)" = off ]
}
