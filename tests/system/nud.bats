#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the kernels of hosts make of the agent's advertisements: they take them, verify them again and again, and keep them.

load lib
load ipv6

setup() {
	sandbox6
}

teardown() {
	sandbox_clear
}

# neighbour HOST ADDRESS MAC: its kernel has it there.
neighbour() {
	ip -n "$ID-$1" -6 neigh show "$2" dev eth0 | grep -q "lladdr $3 "
}

# icmp6 HOST COUNTER...: their sum in its kernel, since the start.
icmp6() {
	local host=$1
	shift
	inside "$host" nstat -asz "$@" | awk '!/^#/ { n += $2 } END { print n + 0 }'
}

# impatient HOST [REACHABLE [RETRANS]]: its kernel believes in a neighbour for 200 ms unless told, more or less, and then verifies it.
impatient() {
	inside "$1" sysctl -qw "net.ipv6.neigh.eth0.base_reachable_time_ms=${2:-200}" \
		net.ipv6.neigh.eth0.delay_first_probe_time=0 "net.ipv6.neigh.eth0.retrans_time_ms=${3:-100}"
}

# talks HOST ADDRESS [NUMBER]: a ping each 20 ms, 200 unless told, of which none is lost. Another ping would tell the kernel of each
# reply, which would then verify nothing.
talks() {
	run inside "$1" busybox ping -6 -q -c "${3:-200}" -i 0.02 -W 2 "$2"
	echo "$output"
	says "${3:-200} packets transmitted, ${3:-200} packets received"
}

# neighbours_watch HOST: each change of its neighbours is written to neighbours.txt.
neighbours_watch() {
	ip -n "$ID-$1" -6 monitor neigh >"$RESULT/neighbours.txt" 3>&- &
	BACKGROUND+=($!)
	await 5 neighbours_watched "$1"
}

neighbours_watched() {
	ip -n "$ID-$1" neigh replace 2001:db8:0:7::ffff lladdr "$ELSEWHERE" dev eth0
	ip -n "$ID-$1" neigh del 2001:db8:0:7::ffff dev eth0
	[[ -s $RESULT/neighbours.txt ]]
}

# became ADDRESS STATE: how many times.
became() {
	grep -c "^$1 .* $2" "$RESULT/neighbours.txt" || true
}

@test "an address that the host routes to is verified through the program, again and again, without a lost answer" {
	lan6 1
	routes_behind
	agent_start
	ak set "$LAN6::50" "$KEEPER_MAC"
	impatient h1
	neighbours_watch h1
	answered=$(counter nd_answered)
	talks h1 "$LAN6::50"
	(($(became "$LAN6::50" PROBE) >= 5))
	(($(became "$LAN6::50" REACHABLE) >= 5))
	(($(became "$LAN6::50" FAILED) == 0))
	(($(counter nd_answered) - answered >= 5))
}

# h2 has the address, but no kernel answers for one that is on lo.
@test "an address whose host does not answer is asked for anew through the program, without a lost answer" {
	lan6 2
	ip -n "$ID-h2" addr add "$LAN6::50/128" dev lo nodad
	agent_start
	ak set "$LAN6::50" "$(host_mac 2)"
	impatient h1
	neighbours_watch h1
	talks h1 "$LAN6::50"
	(($(became "$LAN6::50" FAILED) >= 3))
	(($(became "$LAN6::50" REACHABLE) >= 3))
}

# A kernel believes in a neighbour for 30 s in the mean, and verifies it 5 s later: some 100 times an hour.
@test "as many verifications as an hour has, 120 at 30 s: unicast through the program, and anew when the host is silent; no ping is lost" {
	lan6 2
	routes_behind
	ip -n "$ID-h2" addr add "$LAN6::51/128" dev lo nodad
	agent_start
	ak set "$LAN6::50" "$KEEPER_MAC"
	ak set "$LAN6::51" "$(host_mac 2)"
	impatient h1 40 10
	neighbours_watch h1
	answered=$(counter nd_answered)
	for ((round = 0; round < 24; round++)); do
		talks h1 "$LAN6::51" 100 >"$RESULT/talk.txt" 3>&- &
		talk=$!
		talks h1 "$LAN6::50" 100
		wait "$talk"
		(($(became "$LAN6::50" REACHABLE) < 120 || $(became "$LAN6::51" FAILED) < 120)) || break
	done
	(($(became "$LAN6::50" REACHABLE) >= 120))
	(($(became "$LAN6::50" FAILED) == 0))
	(($(became "$LAN6::51" REACHABLE) >= 120))
	(($(became "$LAN6::51" FAILED) >= 120))
	(($(counter nd_answered) - answered >= 240))
}

@test "no answer is lost while the agent is killed and starts again" {
	lan6 2
	ip -n "$ID-h2" addr add "$LAN6::50/128" dev lo nodad
	agent_start
	ak set "$LAN6::50" "$(host_mac 2)"
	impatient h1
	neighbours_watch h1
	talks h1 "$LAN6::50" 400 >"$RESULT/talk.txt" 3>&- &
	talk=$!
	await 5 became_twice "$LAN6::50" REACHABLE
	agent_kill
	: >"$RESULT/neighbours.txt"
	await 5 became_twice "$LAN6::50" REACHABLE
	agent_start
	: >"$RESULT/neighbours.txt"
	await 5 became_twice "$LAN6::50" REACHABLE
	wait "$talk"
}

became_twice() {
	(($(became "$@") >= 2))
}

@test "the host's own address: verified through its kernel, or through the program with local = offload" {
	lan6 1
	for LINE in 'local = stack' 'local = offload'; do
		configure "$LAN6_LINES" "$LINE"
		agent_start
		impatient h1
		neighbours_watch h1
		answered=$(counter nd_answered)
		talks h1 "$LAN6::1"
		(($(became "$LAN6::1" REACHABLE) >= 5))
		(($(became "$LAN6::1" FAILED) == 0))
		answered=$(($(counter nd_answered) - answered))
		[[ $LINE != *stack ]] || ((answered == 0))
		[[ $LINE == *stack ]] || ((answered >= 5))
		agent_stop
	done
}

@test "a host that lives answers for itself when it is verified: learned, it stays reachable" {
	lan6 2
	agent_start
	inside h2 ping -6 -q -c 1 -W 2 "$LAN6::1"
	await 10 holds "$LAN6::12" dynamic "$(host_mac 2)"
	impatient h1
	neighbours_watch h1
	talks h1 "$LAN6::12"
	(($(became "$LAN6::12" REACHABLE) >= 5))
	(($(became "$LAN6::12" FAILED) == 0))
}

@test "an announced address is taken by a router that accepts untracked advertisements (RFC 9131), and a new MAC by all that know it" {
	lan6 2
	configure "$LAN6_LINES" 'announce = static'
	inside h1 sysctl -qw net.ipv6.conf.all.forwarding=1 net.ipv6.conf.eth0.accept_untracked_na=1
	agent_start
	ak set "$LAN6::50" "$ELSEWHERE"
	await 5 neighbour h1 "$LAN6::50" "$ELSEWHERE"
	refuses neighbour h2 "$LAN6::50" "$ELSEWHERE"
	# Only from a source that is on its link.
	inside h1 sysctl -qw net.ipv6.conf.eth0.accept_untracked_na=2
	ak set "$LAN6::51" "$ELSEWHERE"
	await 5 neighbour h1 "$LAN6::51" "$ELSEWHERE"
	ak set "$LAN6::50" 02:bb:bb:bb:bb:bb
	await 5 neighbour h1 "$LAN6::50" 02:bb:bb:bb:bb:bb
}

# asks_for HOST FIRST LAST: its kernel solicits these addresses of the prefix, two hexadecimal digits each.
asks_for() {
	local n
	for ((n = 16#$2; n <= 16#$3; n++)); do
		printf 'neigh replace %s::%x dev eth0 use\n' "$LAN6" $n
	done | ip -n "$ID-$1" -batch -
}

# knows_all HOST FIRST LAST
knows_all() {
	(($(ip -n "$ID-$1" -6 neigh show dev eth0 | grep -c "lladdr $ELSEWHERE ") == 16#$3 - 16#$2 + 1))
}

# checksums_are_right: of answers to h1, 128 to its kernel and two to all nodes.
checksums_are_right() {
	inside h1 ethtool -K eth0 rx off tx off # so that it looks
	ak set "$LAN6::20-$LAN6::9f" "$ELSEWHERE"
	inside h1 tcpdump -l -vv -n -i eth0 -Q in 'icmp6 and ip6[40] == 136' \
		>"$RESULT/wire.txt" 2>"$RESULT/tcpdump.txt" 3>&- &
	BACKGROUND+=($!)
	await 5 grep -q listening "$RESULT/tcpdump.txt"
	asks_for h1 20 9f
	await 5 knows_all h1 20 9f
	# A nonce (RFC 7527) leaves room for the answer's option. Without one the frame grows.
	ip -n "$ID-h1" addr add "$LAN6::50/64" dev eth0
	await 5 is_refused h1 "$LAN6::50"
	inside h1 sysctl -qw net.ipv6.conf.eth0.enhanced_dad=0
	ip -n "$ID-h1" addr add "$LAN6::51/64" dev eth0
	await 5 is_refused h1 "$LAN6::51"
	await 5 saw_sums 130
	refuses grep -q 'bad icmp6 cksum' "$RESULT/wire.txt"
	(($(icmp6 h1 Icmp6InNeighborAdvertisements) >= 130))
	(($(icmp6 h1 Icmp6InCsumErrors Icmp6InErrors Ip6InHdrErrors Ip6InTruncatedPkts) == 0))
	(($(counter nd_answered) >= 130))
	(($(counter nd_pass_no_room) == 0))
}

@test "the checksum of each advertisement is right, for the kernel and for tcpdump" {
	lan6 1
	agent_start
	checksums_are_right
}

@test "the checksum of each advertisement is right in native mode, too" {
	lan6 1
	inside switch ethtool -K keeper gro on
	agent_start --mode native
	[ "$(port mode)" = native ]
	checksums_are_right
}

# in_vlan: a segment on VLAN 10 of lan0.
in_vlan() {
	configure "$LAN6_LINES"
	printf '[segment "ten"]\n\tinterface = lan0\n\tvlan = 10\n\tprefix = 2001:db8:0:a::/64\n' >>"$CONFIG"
}

# solicits_in VLAN TARGET
solicits_in() {
	inside h1 python3 "$HERE/icmp6.py" eth0 tagged "$1" "$2" 2001:db8:0:a::11
}

# on_wire TEXT...: one line has each of them.
on_wire() {
	local text lines
	lines=$(cat "$RESULT/wire.txt")
	for text; do
		lines=$(grep -F -- "$text" <<<"$lines") || return 1
	done
}

@test "in a VLAN: the answer and the agent's own solicitations have the tag, and other VLANs stay silent" {
	lan6 1
	in_vlan
	inside switch ethtool -K keeper txvlan off # so that the program sees the tags
	agent_start
	ak set 2001:db8:0:a::50 "$ELSEWHERE"
	inside h1 tcpdump -l -e -vv -n -i eth0 -Q in 'vlan and icmp6' >"$RESULT/wire.txt" 2>"$RESULT/tcpdump.txt" 3>&- &
	BACKGROUND+=($!)
	await 5 grep -q listening "$RESULT/tcpdump.txt"
	solicits_in 11 2001:db8:0:a::50
	solicits_in 10 2001:db8:0:a::50
	await 5 on_wire 'vlan 10,' 'icmp6 sum ok' 'neighbor advertisement' 'tgt is 2001:db8:0:a::50'
	solicits_in 10 2001:db8:0:a::77
	await 5 on_wire 'vlan 10,' 'icmp6 sum ok' 'neighbor solicitation' 'who has 2001:db8:0:a::77'
	await 10 holds 2001:db8:0:a::77 dead
	refuses grep -qv 'vlan 10,' <(grep vlan "$RESULT/wire.txt")
	(($(counter nd_answered) == 1))
}

# saw_sums NUMBER: so many frames had a right checksum.
saw_sums() {
	(($(grep -c 'icmp6 sum ok.*neighbor advertisement' "$RESULT/wire.txt") >= $1))
}
