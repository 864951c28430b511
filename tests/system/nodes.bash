# SPDX-License-Identifier: MIT
#
# Several agents in one test: node a is the sandbox's own, in the namespace `keeper`; b is another, in `keeper-b`, and so on.
# shellcheck shell=bash disable=SC2034,SC2154 # lib.bash and the tests use the variables; ID and others are lib.bash's

declare -gA AGENTS # bats reads this file in a function
NODE=a NODE_CONFIG=()

# node a|b|...: which one the commands are about from now on. NODE_CONFIG has lines for their segment.
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
	configure "${NODE_CONFIG[@]}"
}

up() {
	agent_start --netns "$SPACE" "$@"
}

# Ends all of them.
nodes_clear() {
	local name failed=0
	node a
	for name in "${!AGENTS[@]}"; do
		BACKGROUND+=("${AGENTS[$name]}")
	done
	for name in b c; do
		[[ ! -d $RESULT/history-$name.git ]] || git -C "$RESULT/history-$name.git" fsck --strict || failed=1
	done
	sandbox_clear || failed=1
	for name in "${!AGENTS[@]}"; do
		rm -rf "$PINS-$name" "/run/arpkeeper/$ID-$name.lock"
	done
	((failed == 0)) || failed_here
	return $failed
}
