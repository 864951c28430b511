#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# DHCPv6 beside an agent, with dnsmasq: a client checks its address by DAD before it takes it. It never loses one because the
# agent knows it, and declines one that is declared elsewhere.

load lib
load ipv6

# h1 is the server.
setup() {
	sandbox6
	lan6 3
	inside h1 dnsmasq --no-daemon --conf-file=/dev/null --user=root --port=0 --no-resolv --no-hosts \
		--interface=eth0 --bind-interfaces --pid-file --dhcp-authoritative --log-dhcp \
		--dhcp-range="$LAN6::100,$LAN6::101,64,2m" --dhcp-leasefile="$RESULT/leases" \
		>"$RESULT/server.log" 2>&1 3>&- &
	BACKGROUND+=($!)
	await 5 grep -q 'sockets bound exclusively' "$RESULT/server.log"
	agent_start
}

teardown() {
	sandbox_clear
}

# leases HOST: it gets $address from $server, and puts it on its interface.
leases() {
	run inside "$1" python3 "$HERE/dhcp6.py" eth0 lease
	[ "$status" -eq 0 ]
	read -r address server <<<"$output"
	ip -n "$ID-$1" addr add "$address/64" dev eth0
}

# checked HOST: DAD of $address found no other host; its owner talks.
checked() {
	[[ -n $(ip -n "$ID-$1" -6 addr show dev eth0 to "$address" -tentative) ]] || return 1
	inside "$1" ping -6 -q -c 1 -W 1 -I "$address" "$LAN6::1"
}

refused() {
	[[ -n $(ip -n "$ID-$1" -6 addr show dev eth0 to "$address" dadfailed) ]]
}

@test "a client takes its lease, gives it up and takes it again, while the agent knows its address" {
	leases h2
	await 10 checked h2
	await 10 holds "$address" dynamic "$(host_mac 2)"
	first=$address
	ip -n "$ID-h2" addr del "$address/64" dev eth0
	holds "$address" dynamic "$(host_mac 2)"
	leases h2
	[[ $address == "$first" ]]
	await 10 checked h2
	refuses refused h2
	# The server has another one for the next client.
	leases h3
	await 10 checked h3
	await 10 holds "$address" dynamic "$(host_mac 3)"
}

@test "an address that is declared elsewhere is declined, and the client gets the next one" {
	leases h2
	ip -n "$ID-h2" addr del "$address/64" dev eth0
	ak set "$address" "$ELSEWHERE"
	leases h2
	await 10 refused h2
	await 5 grep -q "conflict: $address at $(host_mac 2), not $ELSEWHERE" "$RESULT/agent.log"
	ip -n "$ID-h2" addr del "$address/64" dev eth0
	inside h2 python3 "$HERE/dhcp6.py" eth0 decline "$address" "$server"
	first=$address
	leases h2
	[[ $address != "$first" ]]
	await 10 checked h2
	await 10 holds "$address" dynamic "$(host_mac 2)"
	holds "$first" static "$ELSEWHERE"
}
