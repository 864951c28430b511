# SPDX-License-Identifier: MIT
#
# What the attacks share: another user, programs that leave a mark when they are run, and a start that
# must be refused. The sandbox is that of the system tests.
# shellcheck shell=bash disable=SC2034,SC2154 # as in tests/system/lib.bash

load ../system/lib

# Others must be able to reach the repository: a checkout may be in a home that they cannot enter.
attack_sandbox() {
	sandbox
	REPO=$SHORT/history.git
	MARKS=$SHORT/marks
	chmod 755 "$SHORT"
	mkdir -m 1777 "$MARKS"
	configure
	pair
}

# as_other COMMAND...: as the user nobody, of the group nogroup, with a home of its own.
as_other() {
	[[ -d $SHORT/home ]] || install -d -o nobody -g nogroup "$SHORT/home"
	env -u GIT_CONFIG_GLOBAL HOME="$SHORT/home" setpriv --reuid nobody --regid nogroup --clear-groups "$@"
}

# program NAME: prints the path of a program that marks that it was run, and by which user.
program() {
	printf '#!/bin/sh\nid -un >%q\nexit 1\n' "$MARKS/$1" >"$SHORT/$1.sh"
	chmod 755 "$SHORT/$1.sh"
	echo "$SHORT/$1.sh"
}

nothing_ran() {
	local mark
	for mark in "$MARKS"/*; do
		[[ -e $mark ]] || continue
		echo "${mark##*/} was run by $(cat "$mark")"
		return 1
	done
}

# listing: each file of the repository with its state.
listing() {
	find "$REPO" | sort | xargs -r -d '\n' ls -ld --time-style=full-iso
}

# refused_start WORD...: the agent ends at once, with these words, and has written nothing.
refused_start() {
	local before
	before=$(listing)
	run timeout 20 "$ARPKEEPER" run -c "$CONFIG" --netns "$ID-keeper"
	echo "$output"
	[ "$status" -eq 1 ] || return 1
	says "$@" || return 1
	diff <(echo "$before") <(listing)
}

# orphan: a commit whose parent is missing, in a merge request that no hook has seen. A search for the
# merge base looks for that parent.
orphan() {
	local tree commit
	tree=$(git -C "$REPO" rev-parse 'main^{tree}')
	commit=$(printf 'tree %s\nparent %s\nauthor a <a@x> 1800000000 +0000\ncommitter a <a@x> 1800000000 +0000\n\nx\n' \
		"$tree" 1111111111111111111111111111111111111111 |
		git -C "$REPO" hash-object -t commit -w --stdin --literally)
	mkdir -p "$REPO/refs/heads/merge"
	echo "$commit" >"$REPO/refs/heads/merge/orphan"
}

# agent_has_looked ADDRESS: a change is recorded, and all that was queued before it was looked at.
agent_has_looked() {
	ak set "$1" "$ELSEWHERE"
	ak merge orphan || true
}
