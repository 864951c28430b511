#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Router advertisements and redirects, with radvd, and a kernel behind the agent's port that would believe them.

load lib
load ipv6
load slaac

# h1 is the router, h2 a rogue one. The keeper's kernel takes default routes from advertisements.
setup() {
	sandbox
	lan6 2
	inside keeper sysctl -qw net.ipv6.conf.lan0.accept_ra=2 net.ipv6.conf.lan0.accept_redirects=1
	ROUTER=fe80::ff:fe00:11 ROGUE=fe80::ff:fe00:12
}

teardown() {
	sandbox_clear
}

# routes_by ROUTER: the keeper's default route.
routes_by() {
	ip -n "$ID-keeper" -6 route show default | grep -q "via $1 "
}

# dropped: how many router advertisements and redirects.
dropped() {
	counter nd_drop_router
}

dropped_more_than() {
	(($(dropped) > $1))
}

@test "without ra-guard, any host becomes the default router" {
	configure "$LAN6_LINES"
	agent_start
	router6 h2
	await 15 routes_by "$ROGUE"
	(($(dropped) == 0))
}

@test "ra-guard = on: the advertisements of a declared router pass, and those of others are dropped, with an alert" {
	configure "$LAN6_LINES" 'ra-guard = on'
	agent_start
	ak set "$ROUTER" "$(host_mac 1)" --role router
	router6 h2
	await 15 dropped_more_than 0
	await 5 grep -q "rogue-router: $ROGUE at $(host_mac 2)" "$RESULT/agent.log"
	refuses routes_by "$ROGUE"
	router6 h1
	await 15 routes_by "$ROUTER"
	before=$(dropped)
	await 15 dropped_more_than "$before"
	refuses routes_by "$ROGUE"
	refuses grep -q "rogue-router: $ROUTER" "$RESULT/agent.log"
}

@test "ra-guard = on: a declared router's advertisements from another MAC are dropped" {
	configure "$LAN6_LINES" 'ra-guard = on'
	agent_start
	ak set "$ROUTER" "$ELSEWHERE" --role router
	router6 h1
	await 15 dropped_more_than 0
	await 5 grep -q "rogue-router: $ROUTER at $(host_mac 1)" "$RESULT/agent.log"
	refuses routes_by "$ROUTER"
}

@test "ra-guard = on: an entry without the role is no router's, until it is given" {
	configure "$LAN6_LINES" 'ra-guard = on'
	agent_start
	ak set "$ROUTER" "$(host_mac 1)"
	router6 h1
	await 15 dropped_more_than 0
	refuses routes_by "$ROUTER"
	ak set "$ROUTER" "$(host_mac 1)" --role router
	await 15 routes_by "$ROUTER"
}

# redirect HOST GATEWAY: a redirect from the host: 2001:db8:ffff::1 is better reached by the rogue.
redirect() {
	inside "$1" python3 "$HERE/icmp6.py" eth0 redirect fe80::ff:fe00:1 2001:db8:ffff::1 "$ROGUE"
}

# redirected: the keeper's kernel took it.
redirected() {
	ip -n "$ID-keeper" -6 route get 2001:db8:ffff::1 | grep -q "via $ROGUE "
}

@test "ra-guard = on: redirects of a declared router pass, those of others are dropped" {
	configure "$LAN6_LINES" 'ra-guard = on'
	agent_start
	ak set "$ROUTER" "$(host_mac 1)" --role router
	ip -n "$ID-keeper" -6 route add default via "$ROUTER" dev lan0
	redirect h2
	await 5 dropped_more_than 0
	before=$(dropped)
	redirect h1
	await 5 redirected
	(($(dropped) == before))
}

# routes_watch HOST: each change of its routes is in routes.txt.
routes_watch() {
	ip -n "$ID-$1" -6 monitor route >"$RESULT/routes.txt" 3>&- &
	BACKGROUND+=($!)
}

# default_by_keeper: h1's default route.
default_by_keeper() {
	ip -n "$ID-h1" -6 route show default | grep -q "via fe80::ff:fe00:1 "
}

@test "a router that the agent runs on stays the default router of hosts: its own addresses are a router's" {
	configure "$LAN6_LINES" 'local = offload'
	agent_start
	inside keeper sysctl -qw net.ipv6.conf.all.forwarding=1 # which a routing daemon does later, too
	inside h1 sysctl -qw net.ipv6.neigh.eth0.base_reachable_time_ms=200 \
		net.ipv6.neigh.eth0.delay_first_probe_time=0 net.ipv6.neigh.eth0.retrans_time_ms=100
	router6 keeper lan0
	joins6 h1
	await 15 default_by_keeper
	routes_watch h1
	stays_default
	# It announces its addresses when it starts.
	agent_stop
	agent_start
	stays_default
}

# stays_default: h1 verifies the keeper's address through the program, several times, and never loses its route.
stays_default() {
	local before
	before=$(counter nd_answered)
	run inside h1 busybox ping -6 -q -c 100 -i 0.02 -W 2 -I eth0 fe80::ff:fe00:1
	(($(counter nd_answered) - before >= 3))
	default_by_keeper
	refuses grep -q '^Deleted default' "$RESULT/routes.txt"
}

# asks_all ADDRESS: h2 verifies it in vain, and then asks all. An advertisement of the router may come between.
asks_all() {
	local failed
	failed=$(failures)
	ip -n "$ID-h2" neigh replace "$1" lladdr "$ELSEWHERE" dev eth0 nud probe router
	await 1 failed_more_than "$failed" || return 0
	inside h2 ping -6 -q -c 1 -W 2 -I eth0 "$1"
}

failures() {
	grep -c FAILED "$RESULT/neighbours.txt" || true
}

failed_more_than() {
	(($(failures) > $1))
}

# unanswered_by_program HOST ADDRESS: its holder answers, and the program does not.
unanswered_by_program() {
	local before
	before=$(counter nd_pass_unanswered)
	solicited "$1" "$2" >/dev/null
	(($(counter nd_pass_unanswered) > before))
}

answered_by_program() {
	local before
	before=$(counter nd_answered)
	solicited "$1" "$2" >/dev/null
	(($(counter nd_answered) > before))
}

@test "a router that is only learned is answered as one, and stays the default router of hosts" {
	local before cycle
	configure "$LAN6_LINES"
	agent_start
	router6 h1
	joins6 h2
	await 15 default_of_h2
	inside h1 ping -6 -q -c 1 -W 2 -I eth0 fe80::ff:fe00:1
	await 10 holds "$ROUTER" dynamic "$(host_mac 1)"
	await 5 answered_by_program h2 "$ROUTER"
	routes_watch h2
	ip -n "$ID-h2" -6 monitor neigh >"$RESULT/neighbours.txt" 3>&- &
	BACKGROUND+=($!)
	inside h2 sysctl -qw net.ipv6.neigh.eth0.base_reachable_time_ms=200 net.ipv6.neigh.eth0.delay_first_probe_time=0 \
		net.ipv6.neigh.eth0.retrans_time_ms=100
	before=$(counter nd_answered)
	# An answer by proxy with R=0 would end its default route (RFC 4861 7.2.5).
	for ((cycle = 0; cycle < 20 && $(counter nd_answered) - before < 3; cycle++)); do
		asks_all "$ROUTER"
		inside h2 busybox ping -6 -q -c 40 -i 0.02 -W 2 -I eth0 "$ROUTER"
	done
	(($(counter nd_answered) - before >= 3))
	# The router is gone: the program's answer alone says that it is one.
	ip -n "$ID-h1" link set eth0 down
	ip -n "$ID-h2" neigh flush dev eth0
	inside h2 ndisc6 -1 -q -r 2 -w 1000 "$ROUTER" eth0
	run inside h2 ping -6 -q -c 1 -W 1 -I eth0 "$ROUTER"
	ip -n "$ID-h2" -6 neigh show "$ROUTER" dev eth0 | grep "$(host_mac 1) router"
	default_of_h2
	refuses grep -q '^Deleted default' "$RESULT/routes.txt"
}

@test "a router is still known as one after the agent's restart" {
	configure "$LAN6_LINES"
	agent_start
	router6 h1
	inside h1 ping -6 -q -c 1 -W 2 -I eth0 fe80::ff:fe00:1
	await 10 holds "$ROUTER" dynamic "$(host_mac 1)"
	await 5 answered_by_program h2 "$ROUTER"
	[[ $(ak set "$ROUTER" "$(host_mac 1)" --json | jq -r .hint) == 'it advertises that it is a router'* ]]
	ak unset "$ROUTER"
	ip -n "$ID-h1" neigh flush dev eth0
	inside h1 ping -6 -q -c 1 -W 2 -I eth0 fe80::ff:fe00:1
	await 10 holds "$ROUTER" dynamic "$(host_mac 1)"
	await 5 answered_by_program h2 "$ROUTER"
	agent_stop
	agent_start
	await 10 holds "$ROUTER" dynamic "$(host_mac 1)"
	await 5 answered_by_program h2 "$ROUTER"
	# The slots are gone, too: it has to say so anew.
	agent_stop
	ak detach --netns "$ID-keeper"
	agent_start
	await 10 holds "$ROUTER" dynamic "$(host_mac 1)"
	await 10 answered_by_program h2 "$ROUTER"
}

@test "a learned link-local address is answered for while its host is a router, and else speaks for itself" {
	configure "$LAN6_LINES"
	agent_start
	inside h1 ping -6 -q -c 1 -W 2 -I eth0 fe80::ff:fe00:1
	await 10 holds "$ROUTER" dynamic "$(host_mac 1)"
	unanswered_by_program h2 "$ROUTER"
	# It advertises R=1 from now on, to any host that asks; the keeper's kernel does.
	inside h1 sysctl -qw net.ipv6.conf.all.forwarding=1
	await 5 after_its_word answered_by_program
	inside h1 sysctl -qw net.ipv6.conf.all.forwarding=0
	await 5 after_its_word unanswered_by_program
}

# after_its_word CHECK: h1 has advertised its link-local address to the agent's port. News of one address are reported once a second.
after_its_word() {
	ip -n "$ID-keeper" neigh flush dev lan0
	inside keeper ping -6 -q -c 1 -W 2 -I lan0 "$ROUTER"
	"$1" h2 "$ROUTER"
}

default_of_h2() {
	ip -n "$ID-h2" -6 route show default | grep -q "via $ROUTER "
}
