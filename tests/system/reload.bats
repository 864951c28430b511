#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The configuration changes while the agent runs, and what is missing at the start comes later.

load lib

setup() {
	sandbox
	pair
	# A second interface of the agent's, lan1, whose peer is eth0 in h2.
	space h2
	ip -n "$ID-keeper" link add lan1 type veth peer name eth0 netns "$ID-h2" address "$(host_mac 2)"
	ip -n "$ID-keeper" link set lan1 up
	dress_host 2
}

teardown() {
	sandbox_clear
}

port_is() {
	[[ $(reported ".ports[] | select(.interface == \"$1\") | .state") == "$2" ]]
}

prefixes() {
	reported '.segments[0].prefixes'
}

prefixes_are() {
	[[ $(prefixes) == "$1" ]]
}

missing() {
	reported '.missing[]'
}

# exported: the host's own neighbour table has the address that a test asks for.
exported() {
	ip -n "$ID-keeper" neigh show dev lan0 | grep -q "^10.0.0.50 .*$ELSEWHERE.*extern_learn"
}

# stream_start ADDRESS[,...]: 400 requests a second until $SHORT/enough is there.
stream_start() {
	frames h1 stream --spa 10.0.0.11 --tpa "$1" --rate 400 --wait 60 --until "$SHORT/enough" \
		>"$RESULT/stream.json" 3>&- &
	STREAM=$!
	BACKGROUND+=("$STREAM")
	answered h1 10.0.0.50 "$ELSEWHERE"
}

none_lost() {
	touch "$SHORT/enough"
	wait "$STREAM"
	cat "$RESULT/stream.json"
	[ "$(jq .lost "$RESULT/stream.json")" -eq 0 ]
	[ "$(jq .sent "$RESULT/stream.json")" -gt "$1" ]
}

@test "an interface and an address that are missing at the start are waited for, and the rest works" {
	ip -n "$ID-keeper" link del lan1
	configure 'interface = lan1'
	printf '[segment "late"]\n\tinterface = late0\n' >>"$CONFIG"
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	answered h1 10.0.0.50 "$ELSEWHERE"
	run ak status
	says 'missing' 'lan1: no such interface' 'late0: no such interface' 'segment late: no prefix'
	# The interfaces come; the address of one a moment later.
	ip -n "$ID-keeper" link add lan1 type veth peer name eth0 netns "$ID-h2"
	ip -n "$ID-keeper" link set lan1 up
	ip -n "$ID-h2" link set eth0 up
	await 5 port_is lan1 attached
	await 5 answered h2 10.0.0.50 "$ELSEWHERE"
	space h3
	ip -n "$ID-keeper" link add late0 type veth peer name eth0 netns "$ID-h3"
	ip -n "$ID-keeper" link set late0 up
	ip -n "$ID-h3" link set eth0 up
	await 5 port_is late0 attached
	[[ $(missing) == 'segment late: no prefix'* ]]
	stream_start 10.0.0.50
	ip -n "$ID-keeper" addr add 192.0.2.1/24 dev late0
	await 5 ak set 192.0.2.9 "$ELSEWHERE"
	ip -n "$ID-h3" addr add 192.0.2.2/24 dev eth0
	frames h3 send --spa 192.0.2.2 --tpa 192.0.2.9 --first | grep -q "sha=$ELSEWHERE spa=192.0.2.9 "
	[[ -z $(missing) ]]
	none_lost 100
	await 5 holds 10.0.0.50 static "$ELSEWHERE"
}

@test "an address that comes brings its prefix, and a prefix grows" {
	sed -i '/prefix =/d' "$CONFIG"
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	stream_start 10.0.0.50
	ip -n "$ID-keeper" addr add 198.51.100.1/24 dev lan0
	await 5 prefixes_are '["10.0.0.0/24","198.51.100.0/24"]'
	ak set 198.51.100.9 "$ELSEWHERE"
	ip -n "$ID-keeper" addr add 10.0.1.1/16 dev lan0
	await 5 prefixes_are '["198.51.100.0/24","10.0.0.0/16"]'
	ak set 10.0.200.9 "$ELSEWHERE"
	# One that goes leaves its prefix: an interface may flap.
	ip -n "$ID-keeper" addr del 198.51.100.1/24 dev lan0
	none_lost 100
	holds 198.51.100.9 static "$ELSEWHERE"
	await 5 recorded 10.0.200.9 "$ELSEWHERE" static
}

@test "reload: segments, prefixes, interfaces and policies change, and no request is lost" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	ak set 10.0.0.200 "$ELSEWHERE"
	ak watch --json >"$RESULT/watch.json" 3>&- &
	BACKGROUND+=($!)
	stream_start 10.0.0.50

	run ak reload
	says 'nothing differs'
	# The agent knows that there is nothing outside, and says so.
	[[ $(socat -t 5 - "UNIX-CONNECT:$SOCKET" <<<'{"command": "status"}' | jq -c .outside) == '{"entries":0,"paths":[]}' ]]

	# More: an interface, a prefix, a segment.
	configure 'prefix = 10.0.1.0/24' 'interface = lan1' 'timeout = 7m' 'kernel = export'
	printf '[segment "dmz"]\n\tinterface = lan1\n\tvlan = 7\n\tprefix = 10.7.0.0/24\n' >>"$CONFIG"
	run ak reload --dry-run
	says 'segment dmz is added' 'segment lan: interface lan1 is added' 'prefix 10.0.1.0/24 is added' \
		'segment lan: timeout = 7m (was 5m)' 'dry run'
	refuses ak set 10.0.1.9 "$ELSEWHERE"
	ak reload
	ak set 10.0.1.9 "$ELSEWHERE"
	ak set 10.7.0.9 "$ELSEWHERE" --segment dmz
	answered h2 10.0.0.50 "$ELSEWHERE"
	[[ $(xdp_mode lan1) == xdpgeneric ]]
	await 5 exported

	# Less, and another policy: the program leaves lan1.
	grep -q 'reload by root: [5-9] changes' "$RESULT/agent.log"
	LAN=10.0.0.0/25 configure 'learn = off'
	run bash -c 'echo 1 >/proc/self/loginuid && SUDO_USER=daemon "$@"' -- "$ARPKEEPER" reload -c "$CONFIG"
	((status == 0))
	says 'segment dmz is removed' 'prefix 10.0.0.0/24 shrinks to 10.0.0.0/25' 'interface lan1 is removed' \
		'learn = off (was verified)'
	[[ -z $(xdp_mode lan1) && ! -e $PINS/prog_lan1 ]]
	lacks 10.0.0.200
	grep -q 'reload by daemon: ' "$RESULT/agent.log"
	recorded 10.0.0.200 "$ELSEWHERE" static
	[[ $(reported '.segments[0].learn') == off ]]
	await 5 refuses exported

	# By a signal, with what was there before, and with an alert on its way to the disk.
	configure
	frames h1 send --spa 192.0.2.66 --sha 02:bb:bb:bb:bb:66 --src 02:bb:bb:bb:bb:66 --tpa 10.0.0.1 --wait 0
	await 5 grep -q '"bogon"' "$RESULT/watch.json"
	kill -HUP "$AGENT"
	await 5 holds 10.0.0.200 static "$ELSEWHERE"
	none_lost 100
	grep -q 'reload by signal: ' "$RESULT/agent.log"
	grep -q 'prefix 10.0.0.0/25 grows to 10.0.0.0/24' "$RESULT/watch.json"
	has_incident bogon
	refuses grep -q 'left unrecorded' "$RESULT/agent.log"
	# What is outside now stays in history, and is named.
	recorded 10.0.1.9 "$ELSEWHERE" static
	run ak status
	says '2 entries of history are outside' dmz/10.7/10.7.0/10.7.0.9
	run ak check
	((status == 0))
	says '2 entries of history are outside' lan/10.0/10.0.1/10.0.1.9
	[[ $(ak check --json | jq -c .outside.paths) == '["dmz/10.7/10.7.0/10.7.0.9","lan/10.0/10.0.1/10.0.1.9"]' ]]
	refuses grep -q '10\.7\.0\.9' < <(ak show)
	run ak show --all
	says 'static, outside' 10.7.0.9 10.0.1.9 10.0.0.50
	[[ $(ak show --all --segment dmz --json | jq -c '[.entries[] | [.address, .outside]]') == '[["10.7.0.9",true]]' ]]
	run ak unset 10.7.0.9 --segment dmz -m 'dmz is gone'
	((status == 0))
	says 'is forgotten'
	[[ $(git -C "$REPO" log -1 --format=%s main) == 'dmz is gone' && -z $(git -C "$REPO" ls-tree main dmz) ]]
	run ak unset 10.7.0.9 --segment dmz
	((status == 1))
	says 'there is no such entry'
	[[ $(reported .outside.entries) == 1 ]]
	agent_stop
	[[ -z $(xdp_mode) && ! -e $PINS ]]
}

# holds_back: the agent answers no client at the moment.
holds_back() {
	refuses timeout 1 "$LOOKER" status -c "$CONFIG"
}

@test "what hosts say while another configuration takes effect is noticed afterwards, in its new place" {
	local mac=02:bb:bb:bb:bb:60 recorder
	LAN=10.0.128.0/17 configure 'learn = passive'
	agent_start
	ak set 10.0.200.7 "$ELSEWHERE"
	# A recorder that stands still makes the change last.
	recorder=$(recorder)
	kill -STOP "$recorder"
	# Each slot has another number then.
	LAN=10.0.0.0/16 configure 'learn = passive'
	ak reload >"$RESULT/reload.out" 2>&1 3>&- &
	BACKGROUND+=($!)
	await 5 holds_back
	frames h1 send --spa 10.0.200.60 --sha "$mac" --src "$mac" --tpa 10.0.0.1 --wait 0
	frames h1 send --spa 10.0.200.61 --tpa 10.0.200.7 --first | grep -q "sha=$ELSEWHERE spa=10.0.200.7 "
	kill -CONT "$recorder"
	wait "${BACKGROUND[-1]}"
	await 5 holds 10.0.200.60 dynamic "$mac"
	await 5 recorded 10.0.200.60 "$mac" dynamic
	[[ $(counter events_lost) == 0 ]]
}

@test "reload: what cannot be changed in place is refused by name, and nothing is changed" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	SOCKET=$SHORT/other.sock configure 'timeout = 9m'
	sed -i 's/interval = 50ms/interval = 50ms\n\tkeep = 30d/; s/instance = .*/&2/' "$CONFIG"
	run ak reload --control "$SOCKET"
	((status == 1))
	says 'agent.control' 'agent.instance' 'nothing is changed'
	refuses grep -q 'timeout =\|history.keep' <<<"$output"
	# All mistakes, in the order of lines, as check has them.
	configure 'timeout = never' 'prefix = 10.0.0.7/24' 'colour = red'
	run ak reload
	((status == 1))
	diff <(sed -n 's/^error: [^:]*:\([0-9]*\): \(.*\)/line \1: \2/p' <<<"$output") <(ak check "$CONFIG" | sed 's/^[^:]*: //')
	says "$CONFIG" timeout colour 10.0.0.7/24
	# The agent has them, too.
	run "$ARPKEEPER" reload --control "$SOCKET"
	((status == 1))
	diff <(sed -n 's/^error: [^:]*:\([0-9]*\): \(.*\)/line \1: \2/p' <<<"$output") <(ak check "$CONFIG" | sed 's/^[^:]*: //')
	says 'nothing is changed'
	run "$ARPKEEPER" reload --control "$SOCKET" --json
	((status == 1))
	[[ $(jq -c '[.problems[].line] | (length, . == sort)' <<<"$output" | tr '\n' ' ') == '3 true ' ]]
	[[ $(jq .applied <<<"$output") == false ]]
	kill -HUP "$AGENT"
	await 5 grep -q 'error: the configuration is not changed: .*colour' "$RESULT/agent.log"
	grep -q 'error: .*: timeout = ' "$RESULT/agent.log"
	# The program of another on a new interface.
	configure 'interface = lan1' 'timeout = 9m'
	"$ARPKEEPER" run --control "$SHORT/b.sock" --repo "$RESULT/b.git" --instance "$INSTANCE-b" --netns "$ID-keeper" \
		-i lan1 --prefix 10.9.0.0/24 >"$RESULT/b.log" 2>&1 3>&- &
	BACKGROUND+=($!)
	await 10 "$LOOKER" status --control "$SHORT/b.sock"
	run ak reload
	((status == 1))
	says lan1 'another XDP program'
	[[ $(reported '.segments[0].timeout') == 300 ]]
	# What fails on the way is taken back: there is no room for the table of a /9.
	if [[ $(dirname "$ARPKEEPER") != */sanitize ]]; then
		configure 'prefix = 100.0.0.0/9'
		prlimit --pid "$AGENT" "--as=$(($(awk '/VmSize/ {print $2}' "/proc/$AGENT/status") * 1024 + (64 << 20))):"
		run ak reload
		((status == 1))
		says 'map' 'memory'
		prlimit --pid "$AGENT" --as=unlimited:
		[[ $(prefixes) == '["10.0.0.0/24"]' ]]
		ak set 10.0.0.51 "$ELSEWHERE"
		answered h1 10.0.0.51 "$ELSEWHERE"
	fi
	holds 10.0.0.50 static "$ELSEWHERE"
	answered h1 10.0.0.50 "$ELSEWHERE"
	"$LOOKER" stop --control "$SHORT/b.sock"
}

@test "a start takes the program off an interface that is not configured any more" {
	configure 'interface = lan1'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	agent_kill
	configure
	agent_start
	[[ -z $(xdp_mode lan1) && ! -e $PINS/prog_lan1 && ! -e $PINS/port_lan1 ]]
	answered h1 10.0.0.50 "$ELSEWHERE"
	refuses answered h2 10.0.0.50 "$ELSEWHERE"
}
