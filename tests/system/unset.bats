#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What was unset stays unset, whatever branch still has it; and two agents on one wire that pull from each other
# come to rest.

load lib

M1=02:bb:bb:bb:bb:01
M2=02:bb:bb:bb:bb:02
M9=02:bb:bb:bb:bb:09
declare -gA AGENTS # bats reads this file in a function

setup() {
	sandbox
	NODE=a
}

teardown() {
	node a
	BACKGROUND+=("${AGENTS[b]:-}")
	sandbox_clear
}

# node a|b: which of the two the commands are about from now on.
# shellcheck disable=SC2034 # lib.bash reads them
node() {
	local suffix=${1#a}
	AGENTS[$NODE]=$AGENT
	NODE=$1
	AGENT=${AGENTS[$1]:-}
	suffix=${suffix:+-$suffix}
	REPO=$RESULT/history$suffix.git
	CONFIG=$RESULT/arpkeeper$suffix.conf
	SOCKET=$SHORT/control$suffix.sock
	INSTANCE=$ID$suffix
	PINS=/sys/fs/bpf/arpkeeper/$INSTANCE
	SPACE=$ID-keeper$suffix
	configure
}

up() {
	agent_start --netns "$SPACE" "$@"
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
