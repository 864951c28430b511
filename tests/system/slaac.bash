# SPDX-License-Identifier: MIT
#
# Routers that advertise with radvd, and hosts that take addresses from them.
# shellcheck shell=bash disable=SC2154

# router6 HOST [DEVICE]: it advertises LAN6::/64 from now on.
router6() {
	local host=$1
	inside "$host" sysctl -qw net.ipv6.conf.all.forwarding=1
	{
		printf 'interface %s {\n\tAdvSendAdvert on;\n\tMinRtrAdvInterval 3;\n\tMaxRtrAdvInterval 4;\n' "${2:-eth0}"
		printf '\tAdvRASolicitedUnicast on;\n\tMinDelayBetweenRAs 3;\n'
		printf '\tprefix %s::/64 {\n\t};\n};\n' "$LAN6"
	} >"$RESULT/radvd-$host.conf"
	inside "$host" radvd -n -u root -m stderr_clean -C "$RESULT/radvd-$host.conf" -p "$SHORT/radvd-$host.pid" \
		>"$RESULT/radvd-$host.log" 2>&1 3>&- &
	BACKGROUND+=($!)
	await 5 test -s "$SHORT/radvd-$host.pid"
}

# joins6 HOST: it asks for routers, takes addresses, and announces them (RFC 9131). Its link goes down and up.
joins6() {
	ip -n "$ID-$1" link set eth0 down
	inside "$1" sysctl -qw net.ipv6.conf.eth0.router_solicitations=3 net.ipv6.conf.eth0.ndisc_notify=1 \
		net.ipv6.conf.eth0.accept_dad=1
	ip -n "$ID-$1" link set eth0 up
}

# addresses6 HOST [FLAG...]: those of the prefix that it has checked.
addresses6() {
	local host=$1
	shift
	ip -n "$ID-$host" -6 -o addr show dev eth0 scope global -tentative "$@" |
		sed -En "s|.* inet6 ($LAN6:[^/]*)/.*|\1|p"
}

# addresses_watch HOST: from now on its addresses are watched. One that the host made itself vanishes when it is refused, and
# the next advertisement makes the host try again: only this shows that.
addresses_watch() {
	ip -n "$ID-$1" -6 monitor address >"$RESULT/addresses-$1.txt" 3>&- &
	BACKGROUND+=($!)
	await 5 addresses_watched "$1"
}

addresses_watched() {
	inside "$1" ip addr change ::1/128 dev lo preferred_lft $((RANDOM + 1000)) valid_lft forever
	[[ -s $RESULT/addresses-$1.txt ]]
}

# dad_failed HOST: it was told that one of its addresses is taken.
dad_failed() {
	grep dadfailed "$RESULT/addresses-$1.txt"
}

# eui64 N: the address that host N makes of its MAC.
eui64() {
	printf '%s:0:ff:fe00:%x\n' "$LAN6" $((16 + $1))
}

# has_checked HOST ADDRESS: one of the prefix.
has_checked() {
	[[ $(addresses6 "$1") == *"$2"* ]]
}
