#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The recorder of a running agent, as an attacker finds it who runs code in it: what it is, what the keeper is, and
# what git, its child, is. tests/unit/sandbox attacks from inside the same sandbox.
# shellcheck shell=bash

load ../system/lib

STRANGER=64123
NONE=0000000000000000
FOUR=000000c000003000 # CAP_NET_ADMIN, CAP_NET_RAW, CAP_PERFMON, CAP_BPF

setup() {
	sandbox
	pair
	# Root reads another user's repository.
	export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
}

teardown() {
	sandbox_clear
}

give_repository() {
	mkdir -p "$REPO"
	chown "$STRANGER" "$REPO"
}

# process PID FIELD: from /proc/PID/status.
process() {
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}

rights() {
	reported ".recorder.$1"
}

@test "the recorder of a running agent is its user, without groups, capabilities and new privileges" {
	local pid set
	give_repository
	agent_start --recorder-user "$STRANGER"
	pid=$(rights pid)
	[[ $(process "$pid" Uid) == "$STRANGER"$'\t'"$STRANGER"$'\t'"$STRANGER"$'\t'"$STRANGER" ]]
	[[ $(process "$pid" Gid) == "$STRANGER"$'\t'"$STRANGER"$'\t'"$STRANGER"$'\t'"$STRANGER" ]]
	[[ $(process "$pid" Groups) =~ ^\ *$ ]]
	for set in CapInh CapPrm CapEff CapBnd CapAmb; do
		[[ $(process "$pid" $set) == "$NONE" ]]
	done
	(($(process "$pid" NoNewPrivs) == 1))
	[[ $(rights seccomp) == false ]] || (($(process "$pid" Seccomp) == 2))
	[[ $(rights user) == "$STRANGER" && $(rights root) == false ]]
	grep -q "info: the recorder: user $STRANGER; no capabilities; " "$RESULT/agent.log"
	# Its environment has nothing of the operator's.
	run tr '\0' '\n' <"/proc/$pid/environ"
	refuses grep -E '^(GIT_|LD_|BATS|SSH|XDG)' <<<"$output"
	# It works.
	ak set 10.0.0.77 "$ELSEWHERE"
	recorded 10.0.0.77 "$ELSEWHERE" static
	[[ $(stat -c %u "$REPO/HEAD") == "$STRANGER" ]]
}

@test "the keeper of a running agent has four capabilities, and what it runs has none" {
	local set
	agent_start
	for set in CapPrm CapEff CapBnd; do
		[[ $(process "$AGENT" $set) == "$FOUR" ]]
	done
	for set in CapInh CapAmb; do
		[[ $(process "$AGENT" $set) == "$NONE" ]]
	done
	(($(process "$AGENT" NoNewPrivs) == 1))
}

@test "the process that starts recorders has no more rights than they" {
	local pid
	give_repository
	agent_start --recorder-user "$STRANGER"
	pid=$(process "$(rights pid)" PPid)
	[[ $(process "$pid" PPid) == "$AGENT" ]]
	[[ $(process "$pid" Uid) == "$STRANGER"$'\t'* && $(process "$pid" CapPrm) == "$NONE" ]]
	(($(process "$pid" NoNewPrivs) == 1))
}

@test "another process of the same user, such as a pusher's hook, cannot look into the recorder" {
	local pid
	give_repository
	agent_start --recorder-user "$STRANGER"
	pid=$(rights pid)
	for pid in "$pid" "$(process "$pid" PPid)"; do
		refuses setpriv --reuid "$STRANGER" --regid "$STRANGER" --clear-groups cat "/proc/$pid/environ"
		refuses setpriv --reuid "$STRANGER" --regid "$STRANGER" --clear-groups timeout 10 strace -qq -e none -p "$pid"
	done
	# The memory, as a debugger opens it.
	refuses setpriv --reuid "$STRANGER" --regid "$STRANGER" --clear-groups dd if="/proc/$pid/mem" bs=1 count=0
}

@test "a recorder that has fetched, and one that follows it, opens no more sockets" {
	local pid
	agent_start
	agent_stop
	mv "$REPO" "$RESULT/other.git"
	agent_start --pull "$RESULT/other.git"
	pid=$(rights pid)
	# The sandbox's, and the one that takes sockets away.
	(($(process "$pid" Seccomp_filters) == 2))
	kill -9 "$pid"
	await 10 recorder_follows "$pid"
	(($(process "$(rights pid)" Seccomp_filters) == 2))
}

# Another one than PID.
recorder_follows() {
	local pid
	pid=$(rights pid)
	((pid > 0 && pid != $1))
	ak set 10.0.0.78 "$ELSEWHERE"
}

@test "without the user arpkeeper, status and the log say that the recorder is root" {
	! getent passwd arpkeeper >/dev/null || skip "this machine has the user"
	agent_start
	run ak status
	says 'recorder' 'root, because there is no user arpkeeper'
	[[ $(rights root) == true && $(process "$(rights pid)" CapEff) == "$NONE" ]]
	grep -q 'warning: .*root, because there is no user arpkeeper' "$RESULT/agent.log"
}

@test "a recorder's user that does not exist is refused, with the remedy" {
	run "$ARPKEEPER" run -c "$CONFIG" --netns "$ID-keeper" --recorder-user no-such-user
	((status == 1))
	says "there is no user 'no-such-user'" systemd-sysusers
	AGENT_LINES='recorder-user = no-such-user' configure
	run "$ARPKEEPER" run -c "$CONFIG" --netns "$ID-keeper"
	((status == 1))
	says "there is no user 'no-such-user'"
}

@test "a repository that is not the recorder's is refused, with the remedy" {
	git init -q --bare "$REPO"
	run "$ARPKEEPER" run -c "$CONFIG" --netns "$ID-keeper" --recorder-user "$STRANGER"
	((status == 1))
	says "$REPO" "chown -R $STRANGER"
}
