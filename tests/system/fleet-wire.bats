#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A fleet: two agents on one wire, and a hub of stock git. Both hear every host; one of them claims it.
# shellcheck disable=SC2034 # fleet.bash reads the variables

load lib
load nodes
load fleet

setup() {
	sandbox
	lan 2
	space keeper-b
	ip -n "$ID-keeper-b" link add lan0 address 02:00:00:00:00:02 type veth peer name keeper-b netns "$ID-switch"
	ip -n "$ID-switch" link set keeper-b master br0 up
	printf '%s\n' 'addr add 10.0.0.2/24 dev lan0' 'link set lan0 up' | ip -n "$ID-keeper-b" -batch -
	HUB=$RESULT/hub.git
	git init -q --bare "$HUB"
}

teardown() {
	nodes_clear
}

both_up() {
	SEGMENT_LINES=("$@")
	on b
	up
	on a
	up
	exchange
}

# hosts_speak: both ask for both nodes, so that all hear all.
hosts_speak() {
	local n
	for n in 1 2; do
		inside h1 ping -q -c 1 -W 1 "10.0.0.$n"
		inside h2 ping -q -c 1 -W 1 "10.0.0.$n"
	done
}

# both COMMAND...: it succeeds at both nodes.
both() {
	at a "$@" && at b "$@"
}

# replies HOST ADDRESS: the MACs of the keepers that reply, and what they say.
replies() {
	frames "$1" send --spa "$(host_address "${1#h}")" --tpa "$2" --wait 0.3 | sed -En 's/.*src=(02:00:00:00:00:0[12]) .* sha=([^ ]*) .*/\1 \2/p' | sort -u
}

# claimed_once ADDRESS...: one node claims each of them, and only one.
claimed_once() {
	local address
	for address; do
		[[ $(claim a "$address") ]] && [[ $(claim b "$address") ]] && return 1
		[[ $(claim a "$address") ]] || [[ $(claim b "$address") ]] || return 1
	done
}

foreign_at_one() {
	if [[ $(claim a "$1") ]]; then
		at b foreign "$1" && ours "$1"
	else
		foreign "$1" && at b ours "$1"
	fi
}

@test "both nodes of a wire answer alike, one claims each host, and at rest neither makes a commit" {
	both_up 'timeout = 5m'
	hosts_speak
	for n in 1 2; do
		await 15 both holds "$(host_address "$n")" dynamic "$(host_mac "$n")"
		await 30 meets a claimed_once "$(host_address "$n")"
		# The one that has no claim does not age it.
		await 15 foreign_at_one "$(host_address "$n")"
	done
	[[ $(replies h1 10.0.0.12) == "02:00:00:00:00:01 $(host_mac 2)
02:00:00:00:00:02 $(host_mac 2)" ]]
	await 60 quiet
	same_tree 10.0.0.1 10.0.0.2
}

@test "each node hears the other's own address, which stays the host's, and is not removed for ever" {
	both_up 'timeout = 5m'
	# Each resolves the other, as its own stack does.
	inside keeper ping -q -c 1 -W 1 10.0.0.2
	inside keeper-b ping -q -c 1 -W 1 10.0.0.1
	await 15 holds 10.0.0.2 dynamic 02:00:00:00:00:02
	at b await 15 holds 10.0.0.1 dynamic "$KEEPER_MAC"
	await 60 quiet
	holds 10.0.0.1 local
	at b holds 10.0.0.2 local
	at a refuses has_commit external
	at b refuses has_commit external
	holds 10.0.0.2 dynamic 02:00:00:00:00:02
}

@test "hosts that live are verified and stay, those that are silent go, and there is no flapping" {
	both_up 'timeout = 1s'
	hosts_speak
	for n in 1 2; do
		await 15 both holds "$(host_address "$n")" dynamic "$(host_mac "$n")"
		await 30 meets a claimed_once "$(host_address "$n")"
	done
	await 60 quiet
	before=$(git -C "$REPO" log --format=%H main -- "$(path_of 10.0.0.11)")
	mute 2
	# One expires it. The other, which heard it too, finds it silent as well.
	await 30 meets a lacks 10.0.0.12
	await 30 meets b lacks 10.0.0.12
	await 60 quiet
	both lacks 10.0.0.12
	[[ -z $(claim a 10.0.0.12)$(claim b 10.0.0.12) ]]
	# Once, at each.
	for node in a b; do
		on "$node"
		[[ $(git -C "$REPO" log --diff-filter=D --format=%H main -- "$(path_of 10.0.0.12)" | wc -l) == 1 ]]
	done
	on a
	# It may be verified just now.
	await 15 both holds 10.0.0.11 dynamic "$(host_mac 1)"
	[[ $(git -C "$REPO" log --format=%H main -- "$(path_of 10.0.0.11)") == "$before" ]]
	same_tree 10.0.0.1 10.0.0.2
}

# first_by_rank ADDRESS: the node with the greatest weight (fleet/rank.h), worked out by other means than the agent's.
first_by_rank() {
	python3 - "$1" <<-'END'
		import socket, struct, sys
		def fnv(text):
		    value = 2166136261
		    for byte in text.encode():
		        value = (value ^ byte) * 16777619 % 2**32
		    return value
		def weight(node, address):
		    mixed = fnv(node) << 32 | (fnv("lan") ^ struct.unpack("!I", socket.inet_aton(address))[0])
		    for factor in (0xff51afd7ed558ccd, 0xc4ceb9fe1a85ec53):
		        mixed ^= mixed >> 33
		        mixed = mixed * factor % 2**64
		    return mixed ^ mixed >> 33
		print(max("ab", key=lambda node: weight(f"leaf-{node}", sys.argv[1])))
	END
}

@test "of two that hear a host, the one whose turn it is first claims it" {
	local address first count=0
	# The other one waits for 25 s: long enough to hear of it.
	POLL=10s
	both_up 'timeout = 5m' 'learn = passive' 'learn-rate = 0'
	# A node is of the wire once its branch is known.
	ak set 10.0.0.100 "$ELSEWHERE"
	at b ak set 10.0.0.101 "$ELSEWHERE"
	await 30 meets b holds 10.0.0.100 static "$ELSEWHERE"
	await 30 meets a holds 10.0.0.101 static "$ELSEWHERE"
	for n in 40 41 42 43 44 45 46 47; do
		frames h1 send --op 2 --spa "10.0.0.$n" --sha "02:00:00:00:01:$n" --src "02:00:00:00:01:$n" --tpa "10.0.0.$n" --dst ff:ff:ff:ff:ff:ff
		await 15 both holds "10.0.0.$n" dynamic "02:00:00:00:01:$n"
		exchange
	done
	for n in 40 41 42 43 44 45 46 47; do
		address=10.0.0.$n
		await 30 meets a claimed_once "$address"
		first=$(first_by_rank "$address")
		[[ -n $(claim "$first" "$address") ]]
		[[ $first == a ]] && count=$((count + 1))
	done
	# Neither is first everywhere.
	((count > 0 && count < 8))
	await 60 quiet
	same_tree 10.0.0.1 10.0.0.2
}
