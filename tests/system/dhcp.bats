#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# DHCP beside an agent: clients that probe before they take an address, and servers that look before
# they offer one. A client must never lose its lease because the agent knows its address.

load lib

# h1 is the server, 10.0.0.11; h2 and h3 have no address.
setup() {
	sandbox
	lan 3
	ip -n "$ID-h2" addr flush dev eth0
	ip -n "$ID-h3" addr flush dev eth0
}

teardown() {
	sandbox_clear
}

# serve_dnsmasq FIRST LAST [OPTION...]: it pings an address (so asks for it) before it offers it.
serve_dnsmasq() {
	local range=$1,$2
	shift 2
	inside h1 dnsmasq --no-daemon --conf-file=/dev/null --user=root --port=0 --no-resolv --no-hosts \
		--interface=eth0 --bind-interfaces --pid-file --dhcp-authoritative --dhcp-sequential-ip \
		--dhcp-range="$range,2m" --dhcp-leasefile="$RESULT/leases" "$@" \
		>"$RESULT/server.log" 2>&1 3>&- &
	BACKGROUND+=($!)
	await 5 grep -q 'sockets bound exclusively' "$RESULT/server.log"
}

# serve_udhcpd ADDRESS SECONDS: one address, for so long; it asks for it by ARP, as itself, before it
# offers it, and avoids it for long when another host answers.
serve_udhcpd() {
	: >"$RESULT/leases"
	cat >"$RESULT/udhcpd.conf" <<-CONF
		start $1
		end $1
		interface eth0
		min_lease 1
		conflict_time 3600
		option subnet 255.255.255.0
		option lease $2
		lease_file $RESULT/leases
		pidfile $RESULT/udhcpd.pid
	CONF
	inside h1 busybox udhcpd -f "$RESULT/udhcpd.conf" >"$RESULT/server.log" 2>&1 3>&- &
	BACKGROUND+=($!)
	await 5 grep -q 'started' "$RESULT/server.log"
}

# client HOST: it probes for half a second (-a) before it takes what it was offered.
client() {
	rm -f "$RESULT/$1.lease" "$RESULT/$1.pid"
	LEASE_LOG=$RESULT/$1.lease inside "$1" busybox udhcpc -f -a500 -t 20 -T 1 -A 1 -i eth0 \
		-p "$RESULT/$1.pid" -s "$HERE/lease" >"$RESULT/$1.log" 2>&1 3>&- &
	BACKGROUND+=($!)
	await 5 test -s "$RESULT/$1.pid"
}

# tell HOST SIGNAL: USR1: renew, or ask again. USR2: release. KILL: gone without a word.
tell() {
	kill "-$2" "$(cat "$RESULT/$1.pid")"
}

# leased HOST EVENT ADDRESS [TIMES]: what its script received.
leased() {
	(($(grep -cx "$2 $3" "$RESULT/$1.lease") >= ${4:-1}))
}

declines() {
	grep -ci 'decline' "$RESULT/server.log" "$RESULT"/h?.log | awk -F: '{ n += $2 } END { print n }'
}

@test "a client gets its lease, renews it, gives it up and gets it again, while its address is known" {
	agent_start
	serve_dnsmasq 10.0.0.100 10.0.0.101
	client h2
	await 20 leased h2 bound 10.0.0.100
	await 10 holds 10.0.0.100 dynamic "$(host_mac 2)"
	tell h2 USR1
	await 10 leased h2 renew 10.0.0.100
	tell h2 USR2
	await 10 leased h2 deconfig '' 2
	# The agent does not know that it was given up: the program answers, but not the host itself.
	holds 10.0.0.100 dynamic "$(host_mac 2)"
	answered h1 10.0.0.100 "$(host_mac 2)"
	owner=$(counter pass_owner)
	tell h2 USR1
	await 20 leased h2 bound 10.0.0.100 2
	[ "$(counter pass_owner)" -gt "$owner" ]
	[ "$(declines)" -eq 0 ]
	inside h1 ping -q -c 1 -W 2 10.0.0.100
}

@test "an address that was given up goes to the next client, though the table still has the client before" {
	agent_start
	serve_dnsmasq 10.0.0.100 10.0.0.100 --no-ping
	client h2
	await 10 leased h2 bound 10.0.0.100
	await 10 holds 10.0.0.100 dynamic "$(host_mac 2)"
	tell h2 USR2
	await 10 leased h2 deconfig '' 2
	holds 10.0.0.100 dynamic "$(host_mac 2)"
	probes=$(counter pass_probe)
	client h3
	await 10 leased h3 bound 10.0.0.100
	[ "$(counter pass_probe)" -gt "$probes" ]
	[ "$(declines)" -eq 0 ]
	await 15 holds 10.0.0.100 dynamic "$(host_mac 3)"
	await 5 recorded 10.0.0.100 "$(host_mac 3)" dynamic
}

@test "a server that asks by ARP gives the next client the address of one that left, when its lease is over" {
	configure 'timeout = 1s'
	agent_start
	serve_udhcpd 10.0.0.100 10
	client h2
	await 10 leased h2 bound 10.0.0.100
	await 5 holds 10.0.0.100 dynamic "$(host_mac 2)"
	tell h2 KILL
	ip -n "$ID-h2" link set eth0 down
	client h3
	await 30 leased h3 bound 10.0.0.100
	await 10 holds 10.0.0.100 dynamic "$(host_mac 3)"
	refuses grep -q 'belongs to someone' "$RESULT/server.log"
	[ "$(declines)" -eq 0 ]
	await 10 recorded 10.0.0.100 "$(host_mac 3)" dynamic
}

@test "a client declines an address that is declared for another station, and gets another" {
	agent_start
	ak set 10.0.0.100 "$ELSEWHERE"
	serve_dnsmasq 10.0.0.100 10.0.0.101
	client h2
	await 30 leased h2 bound 10.0.0.101
	grep -q 'DHCPDECLINE(eth0) 10.0.0.100' "$RESULT/server.log"
	refuses leased h2 bound 10.0.0.100
	holds 10.0.0.100 static "$ELSEWHERE"
}
