#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Floods, as fast as one CPU sends: requests for a whole /16, invented senders, one address a million
# times, a stopped agent. Memory and requests stay bounded, and the agent answers its control socket.
# Known addresses are answered, and real hosts are learned afterwards.

load lib

# shellcheck disable=SC2034 # configure() takes it
LAN=10.0.0.0/16
FLOOD=$(dirname "$ARPKEEPER")/system/flood
REQUESTS_PER_SECOND=500
LATENCY_MS=$((100 * TIME_FACTOR))
GAP_MS=$((1000 * TIME_FACTOR)) # after which a host asks again
GROWTH_KB=$((32768 * (TIME_FACTOR > 1 ? 8 : 1))) # a sanitizer keeps what is freed for a while
KNOWN=10.0.0.50

# h1 floods; h2 and h3 are real. Hosts reach the agent's port only, as at many exchanges, so that
# only the agent bears the flood. The switch does not learn the flood's senders.
setup() {
	sandbox
	lan 3
	for host in h1 h2 h3; do
		bridge -n "$ID-switch" link set dev $host isolated on
	done
	bridge -n "$ID-switch" link set dev h1 learning off
	ip -n "$ID-h1" link set eth0 arp off # it only sends: no CPU for what comes back
}

teardown() {
	sandbox_clear
}

# observe_start: from now on counts the agent's requests, asks the control socket, and lets h2 ask for
# the known address.
observe_start() {
	rm -f "$RESULT/over"
	inside switch tcpdump -i keeper -Q in -n -tt -l --immediate-mode -B 16384 \
		"ether src $KEEPER_MAC and arp[6:2] = 1" >"$RESULT/requests.txt" 2>"$RESULT/tcpdump.txt" 3>&- &
	BACKGROUND+=($!)
	await 5 grep -q listening "$RESULT/tcpdump.txt"
	python3 "$HERE/pulse.py" "$SOCKET" --until "$RESULT/over" >"$RESULT/pulse.json" 3>&- &
	PULSE=$!
	frames h2 stream --spa 10.0.0.12 --tpa "$KNOWN" --rate 100 --wait 60 --until "$RESULT/over" \
		>"$RESULT/stream.json" 3>&- &
	STREAM=$!
	BACKGROUND+=("$PULSE" "$STREAM")
}

# observe_end MEMORY [SHARE]: prints the figures, then checks them. At least SHARE of h2's requests got an
# answer: a flooded CPU drops frames before the program sees them. But h2 is never without an answer for
# longer than a host waits before it asks again.
observe_end() {
	touch "$RESULT/over"
	wait "$PULSE" "$STREAM"
	busiest=$(awk '{ n[int($1)]++ } END { for (s in n) if (n[s] > max) max = n[s]; print max + 0 }' "$RESULT/requests.txt")
	growth=$(($(peak_kb) - $1))
	echo "flood: $(cat "$RESULT/flood.json")"
	echo "control socket: $(cat "$RESULT/pulse.json")"
	echo "known address: $(cat "$RESULT/stream.json")"
	echo "requests in the busiest second: $busiest; memory grew by $growth kB"
	((busiest <= REQUESTS_PER_SECOND))
	((growth <= GROWTH_KB))
	jq -e ".longest_ms < $LATENCY_MS" "$RESULT/pulse.json"
	jq -e ".sent > 20 and .answered >= ${2:-0.8} * .sent and .longest_gap_ms < $GAP_MS" "$RESULT/stream.json"
}

peak_kb() {
	awk '/^VmHWM/ { print $2 }' "/proc/$AGENT/status"
}

flood() {
	inside h1 "$FLOOD" eth0 --spa=10.0.0.11 "$@" >"$RESULT/flood.json"
}

# one_alert: exactly one alert reported the flood. The counters have its numbers, too.
one_alert() {
	await 5 alerted flood
	[ "$(jq -s '[.[] | select(.type == "alert" and .alert == "flood")] | length' "$RESULT/watch.json")" -eq 1 ]
	(($(counter events_limited) + $(counter events_lost) > 0))
}

# newcomer_is_served: a host that never sent before is learned, and answered for.
newcomer_is_served() {
	await 10 newcomer_speaks
	await 5 recorded 10.0.0.13 "$(host_mac 3)" dynamic
	mute 3
	answered h2 10.0.0.13 "$(host_mac 3)"
}

newcomer_speaks() {
	inside h3 ping -q -c 1 -W 1 10.0.0.1
	holds 10.0.0.13 dynamic "$(host_mac 3)"
}

@test "the agent withstands ten scans of a whole /16" {
	agent_start
	watch_start
	ak set "$KNOWN" "$ELSEWHERE"
	before=$(peak_kb)
	observe_start
	flood --tpa=10.0.0.0 --tpas=65536 --count=655360
	sleep 2 # for the agent's requests that follow from it
	observe_end "$before"
	one_alert
	newcomer_is_served
}

# acquainted: the table knows h2 as alive.
acquainted() {
	inside h2 ping -q -c 1 -W 2 10.0.0.1
	await 10 holds 10.0.0.12 dynamic "$(host_mac 2)"
}

dynamic() {
	reported .table.dynamic
}

@test "the agent withstands a million invented senders, all over the /16" {
	agent_start
	watch_start
	ak set "$KNOWN" "$ELSEWHERE"
	acquainted
	before=$(peak_kb)
	observe_start
	flood --spa=10.0.0.0 --spas=65536 --macs=1000000 --tpa=192.0.2.1 --count=1000000
	sleep 2
	observe_end "$before"
	# The invented senders do not reply, so the agent learns none; h2 replies, and keeps its address.
	echo "learned: $(dynamic)"
	[ "$(dynamic)" -le 3 ]
	holds 10.0.0.12 dynamic "$(host_mac 2)"
	one_alert
	newcomer_is_served
}

@test "the agent withstands a million requests for one unknown address" {
	agent_start
	ak set "$KNOWN" "$ELSEWHERE"
	before=$(peak_kb)
	observe_start
	flood --tpa=10.0.7.7 --count=1000000
	observe_end "$before"
	[ "$(grep -c 'who-has 10.0.7.7 ' "$RESULT/requests.txt")" -le 3 ]
	newcomer_is_served
}

@test "the agent withstands a million requests for one known address" {
	agent_start
	ak set "$KNOWN" "$ELSEWHERE"
	ak set 10.0.7.7 "$ELSEWHERE"
	before=$(peak_kb)
	observe_start
	flood --tpa=10.0.7.7 --count=1000000
	observe_end "$before" 0.1
	echo "answered: $(counter answered) of $(counter arp_frames) seen"
	# All that the program saw; the few others belong to ping.
	(($(counter arp_frames) >= 500000 && $(counter arp_frames) - $(counter answered) < 50))
	newcomer_is_served
}

# The agent compares them once a second, from its start on.
has_looked_at_its_counters() {
	(($(ps -o etimes= -p "$AGENT") >= 2))
}

@test "a stopped agent recovers from more events than the ring buffer holds" {
	agent_start
	watch_start
	ak set "$KNOWN" "$ELSEWHERE"
	acquainted
	await 5 has_looked_at_its_counters
	before=$(peak_kb)
	kill -STOP "$AGENT"
	# The program sends at most 5,000 events a second, and some 18,000 fit.
	flood --spa=10.0.0.0 --spas=65536 --macs=1000000 --tpa=192.0.2.1 --rate=150000 --count=480000
	# The program still answers, also for learned addresses.
	answered h2 "$KNOWN" "$ELSEWHERE"
	mute 2
	answered h3 10.0.0.12 "$(host_mac 2)"
	inside h2 sysctl -qw net.ipv4.conf.eth0.arp_ignore=0
	kill -CONT "$AGENT"
	observe_start
	sleep 2
	observe_end "$before"
	(($(counter events_lost) > 0))
	holds 10.0.0.12 dynamic "$(host_mac 2)"
	echo "learned: $(dynamic)"
	[ "$(dynamic)" -le 3 ]
	one_alert
	newcomer_is_served
}
