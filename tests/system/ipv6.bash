# SPDX-License-Identifier: MIT
#
# The lab with IPv6: the agent's port has 2001:db8:0:7::1, host N 2001:db8:0:7::1N, besides link-local addresses.
# shellcheck shell=bash disable=SC2034,SC2154

LAN6=2001:db8:0:7
# For configure.
LAN6_LINES="prefix = $LAN6::/64"

# sandbox6: a sandbox whose segment has LAN6, too.
sandbox6() {
	sandbox
	configure "$LAN6_LINES"
}

# speaks6 NAME DEVICE: IPv6 in that namespace, on that device; without it nothing there sends unasked.
speaks6() {
	inside "$1" sysctl -qw net.ipv6.conf.all.disable_ipv6=0 "net.ipv6.conf.$2.disable_ipv6=0" \
		"net.ipv6.conf.$2.router_solicitations=0"
}

# lan6 N: as lan, and each has an IPv6 address that is not checked by DAD first.
lan6() {
	local n
	lan "$1"
	speaks6 keeper lan0
	ip -n "$ID-keeper" addr add "$LAN6::1/64" dev lan0 nodad
	for ((n = 1; n <= $1; n++)); do
		speaks6 "h$n" eth0
		ip -n "$ID-h$n" addr add "$(host_address6 "$n")/64" dev eth0 nodad
	done
	await 10 settled6 "$1"
}

host_address6() {
	echo "$LAN6::1$1"
}

# settled6 N: no link-local address waits for its DAD any more.
settled6() {
	local n
	[[ -z $(ip -n "$ID-keeper" -6 addr show dev lan0 tentative) ]] || return 1
	for ((n = 1; n <= $1; n++)); do
		[[ -z $(ip -n "$ID-h$n" -6 addr show dev eth0 tentative) ]] || return 1
	done
}

# solicited HOST ADDRESS: the MAC in the advertisement that answers; fails without one.
solicited() {
	local mac
	mac=$(inside "$1" ndisc6 -1 -q -r 2 -w 1000 "$2" eth0) || return 1
	tr '[:upper:]' '[:lower:]' <<<"$mac" | tr -d ' '
}

# solicited_is HOST ADDRESS MAC
solicited_is() {
	[[ $(solicited "$1" "$2") == "$3" ]]
}

# path6_of ADDRESS: of one within LAN6.
path6_of() {
	local text=${1//:/-}
	local last=${text##*-}
	printf 'lan/%s/%02x/%s\n' "${LAN6//:/-}" $((16#${last:-0} & 255)) "$text"
}

# recorded6 ADDRESS [MAC [STATE]]: main's tree has it.
recorded6() {
	local text
	text=$(git -C "$REPO" show "main:$(path6_of "$1")" 2>/dev/null) || return 1
	[[ -z ${2:-} ]] || grep -qx "mac $2" <<<"$text" || return 1
	[[ -z ${3:-} ]] || grep -qx "state $3" <<<"$text"
}

# is_refused HOST ADDRESS: by DAD.
is_refused() {
	[[ -n $(ip -n "$ID-$1" -6 addr show to "$2" dadfailed) ]]
}

# routes_behind: the keeper routes LAN6::50 to a host behind it, and speaks for it.
routes_behind() {
	space behind
	ip -n "$ID-keeper" link add inner type veth peer name eth0 netns "$ID-behind"
	speaks6 keeper inner
	speaks6 behind eth0
	inside keeper sysctl -qw net.ipv6.conf.all.forwarding=1
	ip -n "$ID-keeper" link set inner up
	ip -n "$ID-behind" link set eth0 up
	ip -n "$ID-keeper" addr add 2001:db8:0:8::1/64 dev inner nodad
	ip -n "$ID-behind" addr add 2001:db8:0:8::2/64 dev eth0 nodad
	ip -n "$ID-behind" addr add "$LAN6::50/128" dev lo nodad
	ip -n "$ID-behind" -6 route add default via 2001:db8:0:8::1
	ip -n "$ID-keeper" -6 route add "$LAN6::50/128" via 2001:db8:0:8::2
	await 5 inside keeper ping -6 -q -c 1 -W 1 "$LAN6::50"
	await 5 inside behind ping -6 -q -c 1 -W 1 -I "$LAN6::50" "$LAN6::1"
}
