#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a host on the wire tries for real: h1 is the attacker, h2 the owner of 10.0.0.12.

load lib

OWNED=10.0.0.12

setup() {
	sandbox
	lan 3
}

teardown() {
	sandbox_clear
}

# accomplice: h1's kernel has the address, too, so that it replies to every asker.
accomplice() {
	ip -n "$ID-h1" addr add "$OWNED/32" dev eth0
}

claims() {
	frames h1 send --spa "$OWNED" --tpa "$OWNED" --wait 0
}

decided() {
	[[ $(ak status --json | jq .table.resolving) == 0 ]]
}

# at_attacker: some commit says that the address is, or was, at h1.
at_attacker() {
	git -C "$REPO" log -p main -- "$(path_of "$OWNED")" | grep -q "mac $(host_mac 1)"
}

@test "a quiet owner is not robbed by a claimant that speaks and replies first" {
	agent_start
	watch_start
	accomplice
	claims
	await 10 alerted conflict "$OWNED"
	await 10 decided
	lacks "$OWNED"
	refuses at_attacker
	# The asker of a miss does not help the thief, either: another host's request reaches both.
	request h3 "$OWNED" >/dev/null
	refuses holds "$OWNED" dynamic
}

@test "blind replies take no address of a living host" {
	agent_start
	watch_start
	for _ in {1..20}; do # the agent's request is answered before it is read
		frames h1 send --op 2 --spa "$OWNED" --tpa 10.0.0.1 --tha "$KEEPER_MAC" --dst "$KEEPER_MAC" \
			--count 50 --wait 0
	done
	await 10 alerted conflict "$OWNED"
	await 10 decided
	refuses holds "$OWNED" dynamic "$(host_mac 1)"
	refuses at_attacker
}
