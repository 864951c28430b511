#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What was unset stays unset, whatever branch still has it; and two agents on one wire that pull from each other
# come to rest.

load lib
load nodes

M1=02:bb:bb:bb:bb:01
M2=02:bb:bb:bb:bb:02
M9=02:bb:bb:bb:bb:09

setup() {
	sandbox
}

teardown() {
	nodes_clear
}

commit() {
	git -C "$CLONE" commit -q -m "$1"
}

push() {
	git -C "$CLONE" push origin "$@"
}

# begun: x1 has .50 at M2, and was merged; then .50 was unset. The tag `seen` is a main that was fetched before.
begun() {
	pair
	agent_start
	ak set 10.0.0.50 "$M1"
	clone
	sleep 1.1 # `since` has seconds
	write_entry 10.0.0.50 "$M2"
	sed -i "s/^since .*/since $(date -u +%Y-%m-%dT%H:%M:%SZ -d '+1 minute')/" "$CLONE/$(path_of 10.0.0.50)"
	git -C "$CLONE" add lan
	commit x1
	ak set 10.0.0.50 "$M9"
	git -C "$CLONE" fetch -q
	git -C "$CLONE" tag seen origin/main
	run push HEAD:merge/x1
	[ "$status" -eq 0 ]
	holds 10.0.0.50 static "$M2"
	ak unset 10.0.0.50
	lacks 10.0.0.50
}

stays_unset() {
	lacks 10.0.0.50
	unrecorded 10.0.0.50
	unanswered h1 10.0.0.50
	holds 10.0.0.60 static "$M1"
	recorded 10.0.0.60 "$M1" static
	await 5 at_rest
}

# keep_50: in a merge under way, the line of the branch.
keep_50() {
	git -C "$CLONE" checkout -q --ours -- "$(path_of 10.0.0.50)"
	git -C "$CLONE" add lan
	commit "$1"
}

@test "a branch that merged an older main, and kept an address that was unset meanwhile, does not bring it back" {
	begun
	refuses git -C "$CLONE" merge -q seen # both have changed .50
	keep_50 'the printer is mine'
	write_entry 10.0.0.60 "$M1"
	commit 'adds .60'
	[ "$(git -C "$CLONE" fetch -q && git -C "$CLONE" merge-base --all HEAD origin/main | wc -l)" -eq 2 ]
	run push HEAD:merge/x2
	[ "$status" -eq 0 ]
	says "merged merge/x2: 1 address changed"
	refuses grep -q 10.0.0.50 <<<"$output"
	stays_unset
	# The log tells what took effect: the unset was the last.
	run ak log 10.0.0.50
	[[ ${lines[1]} == *'unset, was at '"$M2"* ]]
	# And stock git, too.
	[[ $(git -C "$REPO" log -1 --format=%s main -- "$(path_of 10.0.0.50)") == *unset* ]]
	# Its revert is that of .60 alone.
	ak revert "$(git -C "$REPO" log -1 --format=%H --grep '^Branch: merge/x2$' main)"
	lacks 10.0.0.60
	unrecorded 10.0.0.50 # the table has it as dead: h1 asked for it
	# Who sets it again means it.
	git -C "$CLONE" fetch -q && git -C "$CLONE" reset -q --hard origin/main
	write_entry 10.0.0.50 "$M2"
	commit 'again'
	run push HEAD:merge/x3
	says "1 address changed"
	holds 10.0.0.50 static "$M2"
	await 5 at_rest
}

@test "nor does such a branch when it is pushed to main, or while no agent runs" {
	begun
	refuses git -C "$CLONE" merge -q seen
	keep_50 'the printer is mine'
	write_entry 10.0.0.60 "$M1"
	commit 'adds .60'
	git -C "$CLONE" fetch -q
	git -C "$CLONE" merge -q -X ours -m 'all of it' origin/main || keep_50 'all of it'
	git -C "$CLONE" cat-file -e "HEAD:$(path_of 10.0.0.50)" || {
		git -C "$CLONE" checkout -q seen -- lan
		skip "git removed it by itself"
	}
	agent_stop --keep
	run push HEAD:main
	[ "$status" -eq 0 ]
	recorded 10.0.0.50
	agent_start
	stays_unset
	grep -q 'what its new commits did not change themselves is as it was' "$RESULT/agent.log"
}

@test "what a push has from main is not judged again, and does not count as a change" {
	begun
	git -C "$REPO" config arpkeeper.guard 1
	ak set 10.0.0.60-10.0.0.69 "$M1"
	# On main as it was: it has none of these, and still has .50.
	git -C "$CLONE" merge -q -s ours -m 'mine' origin/main
	write_entry 10.0.0.70 "$M2"
	commit 'adds .70'
	run push HEAD:merge/x2
	[ "$status" -eq 0 ]
	says "1 address changed"
	holds 10.0.0.65 static "$M1"
	holds 10.0.0.70 static "$M2"
	lacks 10.0.0.50
}

# on_one_wire: nodes a and b, 10.0.0.1 and 10.0.0.2, and the host h1.
on_one_wire() {
	lan 1
	space keeper-b
	ip -n "$ID-keeper-b" link add lan0 address 02:00:00:00:00:02 type veth peer name keeper-b netns "$ID-switch"
	ip -n "$ID-switch" link set keeper-b master br0 up
	ip -n "$ID-keeper-b" addr add 10.0.0.2/24 dev lan0
	ip -n "$ID-keeper-b" link set lan0 up
}

# pulls NODE FROM: a restart with --pull.
pulls() {
	node "$1"
	agent_stop
	up --pull "$2"
}

@test "two agents on one wire that pull from each other come to rest, and neither removes its own address" {
	local a b
	on_one_wire
	node a
	up
	node b
	# An empty history begins as the other's.
	up --pull "$RESULT/history.git"
	# Each has learned the other, and the host.
	inside keeper-b ping -q -c 1 -W 2 10.0.0.1
	inside h1 ping -q -c 1 -W 2 10.0.0.1
	inside h1 ping -q -c 1 -W 2 10.0.0.2
	for node in a b; do
		node "$node"
		await 10 recorded 10.0.0.11
	done
	node a
	await 10 recorded 10.0.0.2 02:00:00:00:00:02 dynamic
	node b
	await 10 recorded 10.0.0.1 02:00:00:00:00:01 dynamic
	for _ in 1 2 3; do
		pulls a "$RESULT/history-b.git"
		holds 10.0.0.1 local
		pulls b "$RESULT/history.git"
		holds 10.0.0.2 local
	done
	a=$(git -C "$RESULT/history.git" rev-parse main)
	b=$(git -C "$RESULT/history-b.git" rev-parse main)
	pulls a "$RESULT/history-b.git"
	pulls b "$RESULT/history.git"
	[ "$(git -C "$RESULT/history.git" rev-parse main)" = "$a" ]
	[ "$(git -C "$RESULT/history-b.git" rev-parse main)" = "$b" ]
	for node in a b; do
		node "$node"
		refuses has_commit external
		recorded 10.0.0.1
		recorded 10.0.0.2
	done
}

@test "what is pushed for the host's own address changes nothing, also where main has it from another node" {
	on_one_wire
	node a
	up
	inside keeper-b ping -q -c 1 -W 2 10.0.0.1
	await 10 recorded 10.0.0.2 02:00:00:00:00:02 dynamic
	node b
	up --pull "$RESULT/history.git"
	await 5 holds 10.0.0.2 local
	recorded 10.0.0.2
	clone
	git -C "$CLONE" rm -q "$(path_of 10.0.0.2)"
	commit 'it is ours'
	run push HEAD:merge/own
	says "10.0.0.2: yours is not taken: the address is the host's own"
	recorded 10.0.0.2 02:00:00:00:00:02 dynamic
	write_entry 10.0.0.2 "$M1"
	commit 'or mine'
	run push HEAD:merge/own
	says "10.0.0.2: yours is not taken: the address is the host's own"
	recorded 10.0.0.2 02:00:00:00:00:02 dynamic
	holds 10.0.0.2 local
}
