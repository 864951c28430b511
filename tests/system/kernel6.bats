#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The host's own neighbour table of IPv6: exported, imported, and left as it was.

load lib
load kernel

NET=2001:db8:7

setup() {
	sandbox
	pair
	dress6 keeper lan0 1
	dress6 h1 eth0 11
}

teardown() {
	sandbox_clear
}

# dress6 SPACE INTERFACE NUMBER: 2001:db8:7::NUMBER, at once.
dress6() {
	inside "$1" sysctl -qw "net.ipv6.conf.$2.accept_dad=0" "net.ipv6.conf.$2.disable_ipv6=0"
	ip -n "$ID-$1" address add "$NET::$3/64" dev "$2" nodad
}

neigh() {
	ip -n "$ID-keeper" -6 -d neigh show "$@"
}

@test "declared and learned addresses of IPv6 are in the host's table, link-local ones, too" {
	configure "prefix = $NET::/64" 'kernel = export' 'learn = passive'
	agent_start
	ak set $NET::50 "$ELSEWHERE"
	ak set fe80::50 "$ELSEWHERE"
	await 5 is_ours $NET::50 "$ELSEWHERE"
	await 5 is_ours fe80::50 "$ELSEWHERE"
	is_known $NET::50 REACHABLE
	inside h1 ping -6 -q -c 1 -W 1 $NET::99 || true
	await 5 is_ours $NET::11 "$(host_mac 1)"
	ak unset $NET::50
	await 5 is_unknown $NET::50
	agent_stop
	is_unknown fe80::50
	is_unknown $NET::11
}

@test "what the kernel knows as a router stays one when the agent takes the entry over" {
	configure "prefix = $NET::/64" 'kernel = export'
	agent_start
	ip -n "$ID-keeper" -6 neigh add $NET::50 lladdr 02:bb:bb:bb:bb:01 dev lan0 nud stale router
	ak set $NET::50 "$ELSEWHERE"
	await 5 is_ours $NET::50 "$ELSEWHERE"
	is_known $NET::50 router
	ak set $NET::51 "$ELSEWHERE"
	await 5 is_ours $NET::51 "$ELSEWHERE"
	refuses is_known $NET::51 router
	ak set $NET::52 "$ELSEWHERE" --role router
	await 5 is_ours $NET::52 "$ELSEWHERE"
	is_known $NET::52 router
}

@test "an address of IPv6 that the kernel verified is learned" {
	configure "prefix = $NET::/64" 'kernel = import'
	agent_start
	inside keeper ping -6 -q -c 1 -W 2 $NET::11
	await 10 holds $NET::11 dynamic "$(host_mac 1)"
	# Groups and the like are not.
	[[ $(look show --json) != *'"ff0'* ]]
	is_known $NET::11 "lladdr $(host_mac 1)"
	refuses is_known $NET::11 extern_learn
}

@test "entries of IPv6 that an earlier agent left are put right" {
	configure "prefix = $NET::/64" 'kernel = export'
	agent_start
	ak set $NET::50 "$ELSEWHERE"
	ak set $NET::51 "$ELSEWHERE"
	await 5 is_ours $NET::51 "$ELSEWHERE"
	agent_kill
	is_ours $NET::50 "$ELSEWHERE"
	configure "prefix = $NET::/64"
	agent_start
	await 5 is_unknown $NET::50
	await 5 is_unknown $NET::51
}
