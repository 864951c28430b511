#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The detacher, which keeps CAP_SYS_ADMIN beside a dispatcher: what it has, and who reaches it.

load dispatcher

FIVE=000000c000201000 # CAP_NET_ADMIN, CAP_SYS_ADMIN, CAP_PERFMON, CAP_BPF
NONE=0000000000000000

setup() {
	sandbox
	pair
}

teardown() {
	clear_all
}

# process PID FIELD: from /proc/PID/status.
process() {
	sed -n "s/^$2:[[:space:]]*//p" "/proc/$1/status"
}

@test "the detacher has four capabilities, seccomp, no environment, and four descriptors" {
	local pid set
	export ARPKEEPER_TEST_SECRET=1
	agent_start
	pid=$(detacher "$AGENT")
	for set in CapPrm CapEff CapBnd; do
		[[ $(process "$pid" $set) == "$FIVE" ]]
	done
	for set in CapInh CapAmb; do
		[[ $(process "$pid" $set) == "$NONE" ]]
	done
	(($(process "$pid" NoNewPrivs) == 1 && $(process "$pid" Seccomp) == 2))
	run ls "/proc/$pid/fd"
	[[ ${lines[*]} == "0 1 2 3" ]]
	[[ $(process "$AGENT" CapPrm) != *2????? ]] # the keeper lacks CAP_SYS_ADMIN
}

@test "a process with the keeper's user and capabilities cannot look into the detacher" {
	local pid
	agent_start
	pid=$(detacher "$AGENT")
	keeper() {
		setpriv --bounding-set '-all,+net_admin,+net_raw,+perfmon,+bpf' --inh-caps '-all' "$@"
	}
	refuses keeper dd if="/proc/$pid/mem" bs=1 count=0
	refuses keeper timeout 20 strace -qq -e none -p "$pid"
}

@test "where no dispatcher was made there is no detacher" {
	LIBXDP_SKIP_DISPATCHER=1 agent_start
	[[ $(port attachment) == "single program" ]]
	[[ -z $(detacher "$AGENT") ]]
	agent_stop
}

@test "the detacher ends with its agent, however that ends" {
	local pid
	agent_start
	pid=$(detacher "$AGENT")
	kill -TERM "$pid"
	agent_kill
	await 5 refuses kill -0 "$pid"
}
