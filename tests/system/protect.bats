#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# enforce = on: frames that contradict a declared binding do not pass a port with the program. This
# protects hosts behind that port from poisoning. It cannot protect hosts elsewhere on the wire.
#
#     h1 the attacker ─┐                     keeper
#                      br0 (switch) ── lan0 [program] ── br0 ── inner ── h2 the victim
#     h3 the owner ────┘                     10.0.0.1

load lib

OWNER=10.0.0.13 VICTIM=10.0.0.12

setup() {
	sandbox
	lan 3
	ip -n "$ID-switch" link del h2
	ip -n "$ID-keeper" link add br0 address "$KEEPER_MAC" type bridge
	ip -n "$ID-keeper" link add inner type veth peer name eth0 address "$(host_mac 2)" netns "$ID-h2"
	ip -n "$ID-keeper" addr flush dev lan0
	ip -n "$ID-keeper" link set lan0 master br0
	ip -n "$ID-keeper" link set inner master br0 up
	ip -n "$ID-keeper" link set br0 up
	ip -n "$ID-keeper" addr add 10.0.0.1/24 dev br0
	dress_host 2
	# Otherwise a kernel keeps what it heard for a second, whatever comes then.
	inside h2 sysctl -qw net.ipv4.neigh.eth0.locktime=0
	inside keeper sysctl -qw net.ipv4.neigh.br0.locktime=0
}

teardown() {
	sandbox_clear
}

# believes SPACE MAC [ADDRESS]: what that kernel takes the owner's (or ADDRESS's) MAC to be.
believes() {
	ip -n "$ID-$1" -j neigh show "${3:-$OWNER}" | jq -e --arg mac "$2" 'any(.lladdr == $mac)'
}

# acquaint SPACE: it talks to the owner, so it knows the truth.
acquaint() {
	ip -n "$ID-$1" neigh flush to "$OWNER"
	await 5 inside "$1" ping -q -c 1 -W 1 "$OWNER"
	believes "$1" "$(host_mac 3)"
}

# forge KIND SPA TPA DST: frames that say the owner is at the attacker.
forge() {
	case $1 in
	unsolicited-reply) set -- --op 2 --tpa "$2" --tha "$3" --dst "$3" ;;
	gratuitous-request) set -- --op 1 --tpa "$OWNER" ;;
	gratuitous-reply) set -- --op 2 --tpa "$OWNER" --tha ff:ff:ff:ff:ff:ff ;;
	forged-request) set -- --op 1 --tpa "$2" ;;
	esac
	frames h1 send --spa "$OWNER" --wait 0 --count 3 "$@"
}

KINDS=(unsolicited-reply gratuitous-request gratuitous-reply forged-request)

@test "without enforce, poisoning frames reach a host behind the port" {
	agent_start
	ak set "$OWNER" "$(host_mac 3)"
	for kind in "${KINDS[@]}"; do
		acquaint h2
		forge "$kind" "$VICTIM" "$(host_mac 2)"
		await 2 believes h2 "$(host_mac 1)"
		acquaint keeper
		forge "$kind" 10.0.0.1 "$KEEPER_MAC"
		await 2 believes keeper "$(host_mac 1)"
	done
	[ "$(counter drop_protected)" -eq 0 ]
}

@test "enforce = on keeps poisoning frames from a host behind the port, and from the host itself" {
	configure 'enforce = on'
	agent_start
	watch_start
	ak set "$OWNER" "$(host_mac 3)"
	for kind in "${KINDS[@]}"; do
		acquaint h2
		acquaint keeper
		before=$(counter drop_protected)
		forge "$kind" "$VICTIM" "$(host_mac 2)"
		forge "$kind" 10.0.0.1 "$KEEPER_MAC"
		# All have been seen, and none came through.
		await 2 dropped_since "$before" 6
		believes h2 "$(host_mac 3)"
		believes keeper "$(host_mac 3)"
	done
	await 5 alerted spoof "$OWNER" "$(host_mac 1)"
	# The attacker may speak for itself, and the owner is reached.
	inside h1 ping -q -c 1 -W 2 "$VICTIM"
	inside h2 ping -q -c 1 -W 2 "$OWNER"
	holds "$OWNER" static "$(host_mac 3)"
}

dropped_since() {
	(($(counter drop_protected) - $1 >= $2))
}

# arpspoof HOST: tells the victim, again and again, that HOST is here.
spoof() {
	inside h1 arpspoof -i eth0 -t "$VICTIM" "$1" >"$RESULT/arpspoof.log" 2>&1 3>&- &
	BACKGROUND+=($!)
}

@test "arpspoof poisons a kernel behind the port without enforce" {
	agent_start
	ak set "$OWNER" "$(host_mac 3)"
	acquaint h2
	spoof "$OWNER"
	await 10 believes h2 "$(host_mac 1)"
}

@test "arpspoof does not poison a kernel behind the port with enforce = on" {
	configure 'enforce = on'
	agent_start
	ak set "$OWNER" "$(host_mac 3)"
	acquaint h2
	spoof "$OWNER"
	await 10 dropped_since 0 2
	believes h2 "$(host_mac 3)"
	inside h2 ping -q -c 1 -W 2 "$OWNER"
}

@test "enforce = on does not protect a host beside the port on the wire" {
	configure 'enforce = on'
	agent_start
	ak set "$VICTIM" "$(host_mac 2)"
	# h3 is on the attacker's side of the program, so what the attacker sends reaches it.
	inside h3 sysctl -qw net.ipv4.neigh.eth0.locktime=0
	inside h3 ping -q -c 1 -W 2 "$VICTIM"
	frames h1 send --spa "$VICTIM" --op 2 --tpa 10.0.0.13 --tha "$(host_mac 3)" --dst "$(host_mac 3)" --wait 0
	await 2 believes h3 "$(host_mac 1)" "$VICTIM"
}
