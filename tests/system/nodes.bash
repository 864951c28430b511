# SPDX-License-Identifier: MIT
#
# Two agents in one test: node a is the sandbox's own, in the namespace `keeper`; node b is another, in `keeper-b`.
# shellcheck shell=bash disable=SC2034,SC2154 # lib.bash and the tests use the variables; ID and others are lib.bash's

declare -gA AGENTS # bats reads this file in a function
NODE=a NODE_CONFIG=()

# node a|b: which of the two the commands are about from now on. NODE_CONFIG has lines for their segment.
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

# Ends both.
nodes_clear() {
	node a
	BACKGROUND+=("${AGENTS[b]:-}")
	sandbox_clear
}
