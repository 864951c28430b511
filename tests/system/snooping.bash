# SPDX-License-Identifier: MIT
#
# A switch that snoops (RFC 4541): it passes a group only to ports that have joined it, and to those behind which a router is.
# shellcheck shell=bash disable=SC2154

# switch_snoops: it asks each second, and forgets a port that does not answer after three. Before its first answers are due,
# it passes every group. MLD: its version, 2 unless told.
switch_snoops() {
	inside switch sh -c 'cd /proc/sys/net/ipv6/conf && echo 0 >all/disable_ipv6 && echo 0 >br0/disable_ipv6'
	ip -n "$ID-switch" link set br0 type bridge mcast_snooping 1 mcast_querier 1 mcast_mld_version "${MLD:-2}" \
		mcast_query_interval 100 mcast_startup_query_interval 50 mcast_query_response_interval 80 \
		mcast_membership_interval 300 mcast_last_member_interval 50
}

# group_at_switch SUFFIX [PORT]: the switch passes the group to the port, the keeper's unless told.
group_at_switch() {
	bridge -n "$ID-switch" mdb show dev br0 | grep -q "port ${2:-keeper} grp ff02::1:$1 "
}

# asked_anew: waits until the agent has heard another query.
asked_anew() {
	asked=$(reported '.ports[0].hearing.queried')
	await 5 asked_since
}

asked_since() {
	[[ $(reported '.ports[0].hearing.queried') != "$asked" ]]
}

# snoops: a group that no port has joined goes nowhere, and the agent never hears of its address. Each time another one:
# what it has heard of has a place in the table, and is heard from then on.
snoops() {
	stranger=$((${stranger:-0} + 1))
	refuses inside h1 ndisc6 -q -r 1 -w 300 "$LAN6::9:$stranger" eth0
	lacks "$LAN6::9:$stranger"
}
