#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `history.path = :memory:`: the same history, for machines that must not write to a disk.

load lib

ONE=02:bb:bb:bb:bb:01

setup() {
	sandbox
	pair
	FOLDER=/run/arpkeeper/$INSTANCE
	git config -f "$CONFIG" history.path :memory:
	# What sandbox_clear would check is checked here, while it is there.
	REPO=$FOLDER/history.git
}

teardown() {
	REPO=$RESULT/none
	sandbox_clear || failed=1
	mountpoint -q "$FOLDER" && umount "$FOLDER"
	rm -rf "$FOLDER"
	return "${failed:-0}"
}

in_memory() {
	[ "$(stat -f -c %T "$REPO")" = tmpfs ]
}

@test "a repository in memory can be cloned, pushed to and looked back on while the agent runs" {
	agent_start
	in_memory
	ak set 10.0.0.50 "$ONE"
	recorded 10.0.0.50 "$ONE" static
	[ "$(reported .repository.path)" = "$REPO" ]
	run ak log 10.0.0.50
	[ "$status" -eq 0 ]
	says "$ONE"
	clone
	write_entry 10.0.0.80 "$ONE"
	git -C "$CLONE" commit -q -m 'a printer'
	run git -C "$CLONE" push origin HEAD:merge/printer
	[ "$status" -eq 0 ]
	says "remote:" "1 address"
	holds 10.0.0.80 static "$ONE"
	await 5 at_rest
	git -C "$REPO" fsck --strict
}

@test "stop removes the repository and the tmpfs; the next start is empty" {
	agent_start
	ak set 10.0.0.50 "$ONE"
	agent_stop
	[ ! -e "$FOLDER" ]
	agent_start
	lacks 10.0.0.50
}

@test "a terminated agent removes the repository, too" {
	agent_start
	ak set 10.0.0.50 "$ONE"
	kill -TERM "$AGENT"
	wait "$AGENT"
	AGENT=''
	[ ! -e "$REPO" ]
}

@test "stop --keep keeps the repository with the map, and a next agent goes on" {
	agent_start
	ak set 10.0.0.50 "$ONE"
	tip=$(tip)
	agent_stop --keep
	in_memory
	run ak log 10.0.0.50
	[ "$status" -eq 0 ]
	says "$ONE"
	agent_start
	[ "$(tip)" = "$tip" ]
	holds 10.0.0.50 static "$ONE"
	ak set 10.0.0.51 "$ONE"
	git -C "$REPO" merge-base --is-ancestor "$tip" main
	agent_stop --keep
	ak detach --netns "$ID-keeper"
	[ ! -e "$FOLDER" ]
}

@test "after a kill the next agent takes the repository over" {
	agent_start
	ak set 10.0.0.50 "$ONE"
	tip=$(tip)
	agent_kill
	agent_start
	git -C "$REPO" merge-base --is-ancestor "$tip" main
	holds 10.0.0.50 static "$ONE"
	await 5 at_rest
}

@test "a full tmpfs is like a full disk: the agent reports it, loses nothing, and catches up" {
	mkdir -p "$FOLDER"
	mount -t tmpfs -o size=2m,mode=755 small "$FOLDER"
	agent_start
	ak set 10.0.0.50 "$ONE"
	head -c 4m /dev/zero >"$FOLDER/filler" 2>/dev/null || true
	run timeout 30 "$ARPKEEPER" set -c "$CONFIG" 10.0.0.51 "$ONE"
	[ "$status" -eq 1 ]
	says "not recorded yet" "no space"
	holds 10.0.0.51 static "$ONE"
	answered h1 10.0.0.51 "$ONE"
	rm "$FOLDER/filler"
	await 15 recorded 10.0.0.51 "$ONE"
	await 5 at_rest
	# The administrator's mount stays.
	agent_stop
	mountpoint -q "$FOLDER"
	[ ! -e "$REPO" ]
}

@test "run --repo :memory: and --pull keep another node's history in memory" {
	git config -f "$CONFIG" history.path "$RESULT/disk.git"
	agent_start --repo :memory:
	in_memory
	[ ! -e "$RESULT/disk.git" ]
	ak set 10.0.0.50 "$ONE"
	git clone -q --bare "$REPO" "$RESULT/copy.git"
	ak stop
	wait "$AGENT"
	agent_start --repo :memory: --pull "$RESULT/copy.git"
	holds 10.0.0.50 static "$ONE"
	[ "$(ls "$FOLDER")" = history.git ]
}

@test "an agent that ends leaves no lock file; a second one of the same instance is still refused" {
	agent_start
	[ -e "/run/arpkeeper/$INSTANCE.lock" ]
	run "$ARPKEEPER" run -c "$CONFIG" --netns "$ID-keeper" --control "$SHORT/other.sock"
	[ "$status" -eq 1 ]
	says "has an agent already (process $AGENT)"
	agent_answers
	in_memory
	agent_stop
	[ ! -e "/run/arpkeeper/$INSTANCE.lock" ]
}

@test "a repository in memory is the recorder's user's, and is removed at the end" {
	local user=64123
	agent_start --recorder-user "$user"
	in_memory
	ak set 10.0.0.50 "$ONE"
	[ "$(stat -c %u "$REPO/HEAD")" -eq "$user" ]
	[ "$(stat -c %u "$FOLDER")" -eq "$user" ]
	agent_stop
	[ ! -e "$REPO" ]
}
