#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `arpkeeper revert` undoes exactly one task, as a new task.

load lib

ONE=02:bb:bb:bb:bb:01
TWO=02:bb:bb:bb:bb:02

setup() {
	sandbox
	pair
	agent_start
	ak set 10.0.0.50 "$ONE"
}

teardown() {
	sandbox_clear
}

# The task of main's newest commit.
last_task() {
	git -C "$REPO" log -1 --format='%(trailers:key=Task,valueonly)' main | head -n 1
}

blob() {
	git -C "$REPO" rev-parse "$1:$(path_of "$2")"
}

@test "revert of a set brings back the very same entry from before, also on the wire" {
	before=$(blob main 10.0.0.50)
	ak set 10.0.0.50 "$TWO"
	task=$(last_task)
	[[ $task == operator/*-"$(hostname)"-* ]]
	run ak revert "$task"
	[ "$status" -eq 0 ]
	says "undid $task" "1 address" commit
	holds 10.0.0.50 static "$ONE"
	answered h1 10.0.0.50 "$ONE"
	[ "$(blob main 10.0.0.50)" = "$before" ]
	undone=$(git -C "$REPO" rev-list --grep "^revert: $task\$" main)
	[[ $(git -C "$REPO" log -1 --format='%(trailers:key=Task,valueonly)' "$undone") == operator/* ]]
	[[ $(git -C "$REPO" log -1 --format='%(trailers:key=Reverts,valueonly)' "$undone") == "$task"* ]]
	git -C "$REPO" log -1 --format=%b "$undone" | grep -q "^Undoes commit $(git -C "$REPO" rev-parse "$undone~1")"
	await 5 at_rest
}

@test "a revert can be reverted" {
	ak set 10.0.0.50 "$TWO"
	ak revert "$(last_task)"
	ak revert "$(last_task)" -m 'it was right after all'
	holds 10.0.0.50 static "$TWO"
	[ "$(git -C "$REPO" log -1 --format=%s main)" = 'it was right after all' ]
	await 5 at_rest
}

@test "revert leaves addresses that changed since, and names the task that changed them" {
	ak set 10.0.0.50 "$TWO"
	ak set 10.0.0.51 "$TWO"
	clone
	git -C "$CLONE" rm -q "$(path_of 10.0.0.50)" "$(path_of 10.0.0.51)"
	git -C "$CLONE" commit -q -m 'both are retired'
	git -C "$CLONE" push -q origin HEAD:merge/retire
	retired=$(git -C "$CLONE" rev-parse HEAD)
	ak set 10.0.0.51 "$ONE" -m 'is needed again'
	since=$(last_task)
	run ak revert "$retired"
	[ "$status" -eq 0 ]
	says "1 address" "10.0.0.51 was changed since by $since: left as it is"
	holds 10.0.0.50 static "$TWO"
	holds 10.0.0.51 static "$ONE"
	git -C "$REPO" log -1 --format=%b main | grep -q '^10.0.0.51 was changed since'
	# All of it was changed since: an error, and nothing is recorded.
	ak set 10.0.0.50 "$ELSEWHERE"
	ak set 10.0.0.51 "$ELSEWHERE"
	tip=$(tip)
	run ak revert "$retired"
	[ "$status" -eq 1 ]
	says "nothing of" "2 addresses were changed since" 10.0.0.50 10.0.0.51
	[ "$(tip)" = "$tip" ]
	run ak revert --json "$retired"
	[ "$status" -eq 1 ]
	[ "$(jq -c '[.changed, .commit, (.left | length)]' <<<"$output")" = '[0,null,2]' ]
	await 5 at_rest
}

@test "revert can undo a learned host, which is learned again when it sends" {
	frames h1 send --spa 10.0.0.11 --tpa 10.0.0.99 --wait 0.1
	await 5 recorded 10.0.0.11
	task=$(git -C "$REPO" log -1 --format='%(trailers:key=Task,valueonly)' main -- "$(path_of 10.0.0.11)" | head -n 1)
	run ak revert "task/$task" --json
	[ "$status" -eq 0 ]
	[ "$(jq -r .reverted <<<"$output")" = "$task" ]
	[ "$(jq -r .changed <<<"$output")" = 1 ]
	lacks 10.0.0.11
	unrecorded 10.0.0.11
	await 5 at_rest
	sleep 1.1 # the program reports an address once a second
	frames h1 send --spa 10.0.0.11 --tpa 10.0.0.99 --wait 0.1
	await 5 recorded 10.0.0.11
}

@test "revert of a merge commit undoes what it brought into main, and nothing else" {
	clone
	write_entry 10.0.0.80 "$TWO"
	write_entry 10.0.0.81 "$TWO"
	git -C "$CLONE" commit -q -m 'rack 3'
	ak set 10.0.0.51 "$ONE"
	git -C "$CLONE" push -q origin HEAD:merge/rack3
	holds 10.0.0.81 static
	run ak revert "$(tip)"
	[ "$status" -eq 0 ]
	says "2 addresses"
	lacks 10.0.0.80
	lacks 10.0.0.81
	holds 10.0.0.50 static
	holds 10.0.0.51 static
	await 5 at_rest
}

@test "revert leaves files alone that are not entries" {
	clone
	echo 'rack plan' >"$CLONE/racks.txt"
	git -C "$CLONE" add racks.txt
	write_entry 10.0.0.80 "$TWO"
	git -C "$CLONE" commit -q -m 'a printer and a plan'
	git -C "$CLONE" push -q origin HEAD:merge/printer
	ak revert "$(git -C "$CLONE" rev-parse HEAD)"
	lacks 10.0.0.80
	[ "$(git -C "$REPO" show main:racks.txt)" = 'rack plan' ]
}

@test "the person is the author, as root's login says, and the log has a line for each change" {
	author() {
		[ "$(git -C "$REPO" log -1 --format=%an main)" = "$1" ]
		[ "$(git -C "$REPO" log -1 --format=%ae main)" = "$1@$(hostname)" ]
	}
	ak set 10.0.0.60 "$ONE"
	author root
	ak set 10.0.0.60 "$TWO" --author ada
	author ada
	ak revert "$(last_task)" --author bob
	author bob
	# The kernel keeps the user who logged in; what SUDO_USER says must agree.
	(echo 1 >/proc/self/loginuid && SUDO_USER=daemon ak set 10.0.0.60 "$TWO")
	author daemon
	(echo 1 >/proc/self/loginuid && SUDO_USER=bin ak unset 10.0.0.60)
	author root
	(echo 4294967295 >/proc/self/loginuid && SUDO_USER=daemon ak set 10.0.0.60 "$ONE")
	author root
	echo "$ONE 10.0.0.61" >"$RESULT/list"
	ak import "$RESULT/list" --author eve
	author eve
	for line in "set by root: 10.0.0.60 at $ONE in lan, 1 changed, commit " "set by ada: 10.0.0.60 at $TWO" \
		'revert of operator/.* by bob: 1 changed, commit ' 'unset by root: 10.0.0.60 in lan, 1 changed' 'import of list by eve'; do
		grep -q -e "$line" "$RESULT/agent.log"
	done
}

@test "revert refuses an id that two tasks of merged histories have, and lists their commits" {
	clone
	for host in left right; do
		git -C "$CLONE" checkout -q -B "$host" origin/main
		[ "$host" = left ] && write_entry 10.0.0.80 "$TWO" || write_entry 10.0.0.81 "$TWO"
		GIT_COMMITTER_NAME=arpkeeper GIT_COMMITTER_EMAIL=arpkeeper@$host \
			git -C "$CLONE" commit -q -m "set on $host" -m 'Task: operator/20260101-000348'
	done
	git -C "$CLONE" merge -q left -m 'both'
	# As a node's agent would bring it: no hook judges it.
	git -C "$REPO" fetch -q "$CLONE" HEAD
	git -C "$REPO" update-ref refs/heads/main "$(git -C "$CLONE" rev-parse HEAD)"
	await 5 holds 10.0.0.81 static "$TWO"
	tip=$(tip)
	run ak revert operator/20260101-000348
	[ "$status" -eq 1 ]
	says "2 tasks are called operator/20260101-000348" "left" "set on left" "set on right"
	[ "$(tip)" = "$tip" ]
	right=$(ak revert --json operator/20260101-000348 2>/dev/null | jq -r '.candidates[] | select(.host == "right") | .commit') || true
	ak revert "$right"
	lacks 10.0.0.81
	holds 10.0.0.80 static "$TWO"
	await 5 at_rest
}

@test "revert says why it cannot undo something" {
	first=$(git -C "$REPO" rev-list --max-parents=0 main)
	tip=$(tip)
	run ak revert "$first"
	[ "$status" -eq 1 ]
	says "first commit"
	run ak revert operator/20200101-000001
	[ "$status" -eq 1 ]
	says "no task operator/20200101-000001"
	run ak revert no-such-thing
	[ "$status" -eq 1 ]
	says no-such-thing "neither a task"
	clone
	echo more >>"$CLONE/README.md"
	git -C "$CLONE" commit -q -a -m 'more words'
	git -C "$CLONE" push -q origin HEAD:main
	words=$(git -C "$CLONE" rev-parse HEAD)
	run ak revert "$words"
	[ "$status" -eq 1 ]
	says "no entry" "nothing to undo"
	git -C "$CLONE" checkout -q -b aside
	write_entry 10.0.0.80 "$TWO"
	git -C "$CLONE" commit -q -m aside
	git -C "$CLONE" push -q origin HEAD:aside
	run ak revert aside
	[ "$status" -eq 1 ]
	says "not in main"
	run ak revert
	[ "$status" -eq 2 ]
	[ "$(tip)" = "$words" ]
}

@test "revert of what is already undone changes nothing, without an error" {
	ak set 10.0.0.50 "$TWO"
	task=$(last_task)
	ak revert "$task"
	tip=$(tip)
	run ak revert "$task"
	[ "$status" -eq 0 ]
	says "as it was before" "nothing changed"
	[ "$(tip)" = "$tip" ]
}
