#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# IPv6 in the table, with the kernel's own neighbour discovery on the hosts: learned, asked for, declared, kept over a
# restart.

load lib
load ipv6

setup() {
	sandbox6
	lan6 2
}

teardown() {
	sandbox_clear
}

# knows HOST ADDRESS MAC: the host's kernel has it there.
knows() {
	ip -n "$ID-$1" -6 neigh show "$2" | grep -q "lladdr $3"
}

# asks HOST ADDRESS: its kernel solicits the address.
asks() {
	inside "$1" ping -6 -c 1 -W 1 "$2" >/dev/null || true
}

@test "hosts that speak IPv6 are learned, recorded and answered for" {
	agent_start
	asks h1 "$LAN6::12"
	await 8 holds "$LAN6::11" dynamic "$(host_mac 1)"
	await 8 holds "$LAN6::12" dynamic "$(host_mac 2)"
	await 5 recorded6 "$LAN6::11" "$(host_mac 1)" dynamic
	await 5 recorded6 "$LAN6::12" "$(host_mac 2)" dynamic
}

@test "a declared address is answered for, and no longer when it is unset" {
	agent_start
	ak set "$LAN6::50" "$ELSEWHERE"
	recorded6 "$LAN6::50" "$ELSEWHERE" static
	asks h1 "$LAN6::50"
	knows h1 "$LAN6::50" "$ELSEWHERE"
	ak unset "$LAN6::50"
	refuses recorded6 "$LAN6::50"
	ip -n "$ID-h1" -6 neigh flush dev eth0
	asks h1 "$LAN6::50"
	refuses knows h1 "$LAN6::50" "$ELSEWHERE"
}

@test "a restart keeps the slots of IPv6 addresses, and what they hold" {
	agent_start
	ak set "$LAN6::50" "$ELSEWHERE"
	asks h1 "$LAN6::12"
	await 8 holds "$LAN6::12" dynamic "$(host_mac 2)"
	await 5 recorded6 "$LAN6::12"
	agent_kill
	asks h2 "$LAN6::50"
	knows h2 "$LAN6::50" "$ELSEWHERE"
	agent_start
	await 5 holds "$LAN6::50" static "$ELSEWHERE"
	await 5 holds "$LAN6::12" dynamic "$(host_mac 2)"
	run git -C "$REPO" log --format=%B main
	refuses grep -q recover <<<"$output"
	ak unset "$LAN6::50"
	await 5 lacks "$LAN6::50"
}

@test "an address that no host has is asked for three times, and is dead for a while" {
	agent_start
	asks h1 "$LAN6::77"
	await 10 holds "$LAN6::77" dead
}

@test "a host that wants a declared address is told that it is taken, and that is an alert" {
	agent_start
	ak set "$LAN6::50" "$ELSEWHERE"
	inside h2 sysctl -qw net.ipv6.conf.eth0.accept_dad=1
	ip -n "$ID-h2" address add "$LAN6::50/64" dev eth0
	await 5 is_refused h2 "$LAN6::50"
	await 5 grep -q "conflict: $LAN6::50 at $(host_mac 2), not $ELSEWHERE" "$RESULT/agent.log"
	holds "$LAN6::50" static "$ELSEWHERE"
}

@test "a host that wants a learned address is no claimant, and gets it" {
	agent_start
	asks h1 "$LAN6::12"
	await 8 holds "$LAN6::12" dynamic "$(host_mac 2)"
	ip -n "$ID-h2" address del "$LAN6::12/64" dev eth0
	inside h1 sysctl -qw net.ipv6.conf.eth0.accept_dad=1
	ip -n "$ID-h1" address add "$LAN6::12/64" dev eth0
	await 5 dad_passed h1 "$LAN6::12"
	refuses is_refused h1 "$LAN6::12"
}

# dad_passed HOST ADDRESS
dad_passed() {
	local shown
	shown=$(ip -n "$ID-$1" -6 address show dev eth0) || return 1
	grep "$2/" <<<"$shown" | grep -qv tentative
}

@test "a host that announces itself is learned once it has replied (RFC 9131)" {
	agent_start
	inside h2 sysctl -qw net.ipv6.conf.eth0.ndisc_notify=1
	ip -n "$ID-h2" link set eth0 address 02:00:00:00:00:99
	await 8 holds "$LAN6::12" dynamic 02:00:00:00:00:99
	await 5 recorded6 "$LAN6::12" 02:00:00:00:00:99 dynamic
	run git -C "$REPO" log -1 --format=%B main -- "$(path6_of "$LAN6::12")"
	says "Task: learn/" "Trigger: announcement"
}

@test "the host's own IPv6 addresses are local, also the link-local one, and never recorded" {
	agent_start
	await 5 holds "$LAN6::1" local "$KEEPER_MAC"
	await 5 holds fe80::ff:fe00:1 local "$KEEPER_MAC"
	refuses recorded6 "$LAN6::1"
	ip -n "$ID-keeper" address del "$LAN6::1/64" dev lan0
	await 5 lacks "$LAN6::1"
}

@test "another configuration moves the slots, and what is declared is answered for as before" {
	agent_start
	ak set "$LAN6::50" "$ELSEWHERE"
	asks h1 "$LAN6::12"
	await 8 holds "$LAN6::12" dynamic "$(host_mac 2)"
	[[ $(reported .table.slots6) == 65536 ]]
	configure "$LAN6_LINES" 'prefix = 10.9.0.0/24'
	ak reload
	holds "$LAN6::50" static "$ELSEWHERE"
	await 5 holds "$LAN6::12" dynamic "$(host_mac 2)"
	asks h1 "$LAN6::50"
	knows h1 "$LAN6::50" "$ELSEWHERE"
	agent_kill
	AGENT_LINES='neighbours6 = 1024' configure "$LAN6_LINES"
	agent_start
	[[ $(reported .table.slots6) == 1024 ]]
	await 5 holds "$LAN6::50" static "$ELSEWHERE"
	await 8 holds "$LAN6::12" dynamic "$(host_mac 2)"
	asks h2 "$LAN6::50"
	knows h2 "$LAN6::50" "$ELSEWHERE"
	run git -C "$REPO" log --format=%B main
	refuses grep -q recover <<<"$output"
}

# slots_become NUMBER: by a reload.
slots_become() {
	AGENT_LINES="neighbours6 = $1" configure "$LAN6_LINES"
	ak reload
	[[ $(reported .table.slots6) == "$1" ]]
}

# answers_as_before: the table has what is declared and what is learned, and what is declared is answered for.
answers_as_before() {
	holds "$LAN6::50" static "$ELSEWHERE"
	await 5 holds "$LAN6::12" dynamic "$(host_mac 2)"
	ip -n "$ID-h1" neigh flush dev eth0
	asks h1 "$LAN6::50"
	knows h1 "$LAN6::50" "$ELSEWHERE"
}

@test "reload: neighbours6 grows and shrinks, what is known stays, and fewer than are declared are refused" {
	agent_start
	ak set "$LAN6::50-$LAN6::6f" "$ELSEWHERE"
	asks h1 "$LAN6::12"
	await 8 holds "$LAN6::12" dynamic "$(host_mac 2)"
	slots_become 1024
	answers_as_before
	slots_become 100000
	answers_as_before
	slots_become 64
	answers_as_before
	AGENT_LINES='neighbours6 = 16' configure "$LAN6_LINES"
	run ak reload
	((status != 0))
	says "agent.neighbours6 = 16 is too small" 'are declared' 'Give at least as many'
	[[ $(reported .table.slots6) == 64 ]]
	answers_as_before
	slots_become 65536
	answers_as_before
	run git -C "$REPO" log --format=%B main
	refuses grep -qE 'recover|expire' <<<"$output"
}

@test "an outsider's write to a slot of an IPv6 address is recorded" {
	agent_start
	ak set "$LAN6::50" "$ELSEWHERE"
	await 5 holds "$LAN6::50" static "$ELSEWHERE"
	slot=$(bpftool -j map dump pinned "$PINS/neigh_slots" | jq -r \
		'[.[] | select(.value[6] == "0x02")][0].key | join(" ")')
	# shellcheck disable=SC2086 # one word a byte
	bpftool map update pinned "$PINS/neigh_slots" key hex ${slot//0x/} \
		value hex 02 bb bb bb bb bb 02 00 00 00 00 00 00 00 00 00
	await 5 holds "$LAN6::50" static 02:bb:bb:bb:bb:bb
	await 5 recorded6 "$LAN6::50" 02:bb:bb:bb:bb:bb static
}

@test "when all slots are declared, one more is refused, and history keeps what the table has no slot for" {
	agent_start
	ak set "$LAN6::50-$LAN6::6f" "$ELSEWHERE"
	holds "$LAN6::6f" static "$ELSEWHERE"
	agent_kill
	AGENT_LINES='neighbours6 = 16' configure "$LAN6_LINES"
	agent_start
	grep -q "IPv6 entries are known, but not in the table, which has 16 slots" "$RESULT/agent.log"
	[[ $(reported .table.taken6) == 16 ]]
	run ak set "$LAN6::99" "$ELSEWHERE"
	[[ $status != 0 ]]
	says "raise agent.neighbours6"
	asks h1 "$LAN6::12" # has no slot, and takes none
	lacks "$LAN6::12"
	run git -C "$REPO" ls-tree -r --name-only main "lan/${LAN6//:/-}"
	[[ $(grep -c . <<<"$output") == 32 ]]
}
