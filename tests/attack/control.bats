#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Ordinary users flood the control socket. An operator's `set` must go on, and the agent's memory must
# stay bounded. These measure: scripts/run-tests runs them alone.

load control

setup() {
	attack_setup
}

teardown() {
	attack_teardown
}

@test "100,000 pipelined reconciles of an ordinary user do not hold up root's set" {
	agent_start
	memory_counts
	attack "$MALLORY" flood --requests 100000 '{"command":"reconcile","ref":"refs/heads/main"}'
	attack $((MALLORY + 1)) flood --read '{"command":"reconcile","ref":"refs/heads/merge/none"}'
	root_is_served
	attacks_end
	grew_by_less_than 8192
}

@test "64 connections that ask and do not read fill no memory, and hold up no set" {
	agent_start
	memory_counts
	attack "$MALLORY" flood --connections 64 '{"command":"status"}'
	root_is_served
	attacks_end
	# They wait: none is dropped, and what they asked is answered when they read.
	[ "$(jq .open "$RESULT/attack.1")" -eq 64 ]
	(($(jq .answered "$RESULT/attack.1") > 64))
	grew_by_less_than 16384
}

@test "64 connections that ask for the whole table hold up no set" {
	agent_start
	memory_counts
	attack "$MALLORY" flood --connections 64 --read '{"command":"show"}'
	root_is_served
	attacks_end
	grew_by_less_than 16384
}

@test "connections that come and go without end hold up no set" {
	agent_start
	memory_counts
	attack "$MALLORY" churn
	root_is_served $((2 * SET_MS)) # the attacker competes for the CPU, too
	operator_is_served
	attacks_end
	(($(jq .connected "$RESULT/attack.1") > 1000))
	grew_by_less_than 8192
}

@test "three users, 192 connections, all kinds of requests: hosts are learned, and memory stays bounded" {
	agent_start
	memory_counts
	attack "$MALLORY" flood --connections 64 '{"command":"show","stream":true}'
	attack $((MALLORY + 1)) flood --connections 64 '{"command":"stats"}'
	attack $((MALLORY + 2)) flood --connections 64 --read '{"command":"reconcile","ref":"refs/heads/merge/none"}'
	root_is_served
	operator_is_served
	inside h1 ping -q -c 3 -i 0.3 -W 2 10.0.0.1
	await 5 holds 10.0.0.11 dynamic "$(host_mac 1)"
	attacks_end
	grew_by_less_than 32768
}

@test "10,000 connections of one user leave the others theirs" {
	agent_start
	memory_counts
	attack "$MALLORY" hold --connections 10000
	root_is_served
	operator_is_served
	as $((MALLORY + 1)) "$ARPKEEPER" status --control "$SOCKET"
	attacks_end
	[ "$(jq .open "$RESULT/attack.1")" -eq 64 ]
	said 1 "user $MALLORY has 64 connections, the limit for a user: close one first"
	grew_by_less_than 4096
	grep -q "connections refused since the last such line" "$RESULT/agent.log"
	[ "$(grep -c "connections refused" "$RESULT/agent.log")" -le 2 ]
}

@test "connections of many users leave operators and root theirs" {
	agent_start
	memory_counts
	for n in 1 2 3 4 5; do
		attack $((MALLORY + n)) hold --connections 64
	done
	root_is_served
	operator_is_served
	attacks_end
	[ "$(jq -s 'map(.open) | add' "$RESULT"/attack.?)" -eq 192 ]
	said 5 "users who may only read have 192 connections, the limit for all of them: try again later"
	grew_by_less_than 4096
}
