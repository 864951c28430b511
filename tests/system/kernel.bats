#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The host's own neighbour table: the agent exports its bindings to it, and imports what it finds out.

load lib
load kernel

setup() {
	sandbox
}

teardown() {
	sandbox_clear
}

# neigh [ARGUMENT...]: the keeper's own table.
neigh() {
	ip -n "$ID-keeper" -d neigh show "$@"
}

ours_are() {
	[[ $(neigh proto 65 | wc -l) -eq $1 ]]
}

# confirmed_within SECONDS ADDRESS: the kernel heard of it so recently that it is reachable. `used` has how long ago the kernel
# used the entry, heard of it, and changed it.
confirmed_within() {
	[[ $(ip -n "$ID-keeper" -s neigh show "$2") =~ used\ *[0-9]+/([0-9]+)/ ]] && ((BASH_REMATCH[1] <= $1))
}

# trigger ADDRESS: what its newest commit says.
trigger() {
	git -C "$REPO" log -1 --format='%(trailers:key=Trigger,valueonly)' main -- "$(path_of "$1")" | head -n 1
}

begun_by_kernel() {
	[[ $(trigger "$1") == kernel ]]
}

# witness HOST COMMAND...: what arrives at the host while COMMAND runs, in $RESULT/seen.txt.
witness() {
	local host=$1 pid
	shift
	inside "$host" tcpdump -nn -e -l -i eth0 --immediate-mode arp >"$RESULT/seen.txt" 2>"$RESULT/tcpdump.txt" 3>&- &
	pid=$!
	BACKGROUND+=("$pid")
	await 5 grep -q 'listening on' "$RESULT/tcpdump.txt"
	"$@"
	kill "$pid" # not -INT: what a shell starts aside ignores that
	wait "$pid" || true
}

# asked_for ADDRESS: how many requests for it the witness saw.
asked_for() {
	grep -c "Request who-has $1 " "$RESULT/seen.txt" || true
}

# Until it listens, the monitor writes nothing: an entry that comes and goes shows when it does.
monitor_listens() {
	ip -n "$ID-keeper" neigh replace 10.0.0.98 lladdr 02:bb:bb:bb:bb:98 dev lan0 nud stale
	ip -n "$ID-keeper" neigh del 10.0.0.98 dev lan0
	grep -q '^10.0.0.98 ' "$RESULT/monitor.txt"
}

@test "declared and learned bindings are in the host's table, as the agent's entries" {
	pair
	configure 'kernel = export' 'learn = passive'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	await 5 is_ours 10.0.0.50 "$ELSEWHERE"
	is_known 10.0.0.50 REACHABLE
	request h1 10.0.0.50
	await 5 is_ours 10.0.0.11 "$(host_mac 1)"
	ak unset 10.0.0.50
	await 5 is_unknown 10.0.0.50
}

@test "the host sends without asking for a known address" {
	pair
	configure 'kernel = export' 'learn = passive'
	agent_start
	request h1 10.0.0.50
	await 5 is_ours 10.0.0.11 "$(host_mac 1)"
	ip -n "$ID-h1" neigh replace 10.0.0.1 lladdr "$KEEPER_MAC" dev eth0 nud permanent
	witness h1 inside keeper ping -q -c 3 -i 0.2 -W 2 10.0.0.11
	[ "$(asked_for 10.0.0.11)" -eq 0 ]
	ip -n "$ID-h1" neigh del 10.0.0.1 dev eth0
	inside h1 ping -q -c 2 -i 0.2 -W 2 10.0.0.1
}

@test "an entry that is known to be alive is kept reachable" {
	pair
	configure 'kernel = export'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	await 5 is_ours 10.0.0.50 "$ELSEWHERE"
	await 15 refuses confirmed_within 3 10.0.0.50
	await 15 confirmed_within 1 10.0.0.50
	is_known 10.0.0.50 REACHABLE
}

@test "permanent entries and those of other daemons stay as they are" {
	pair
	configure 'kernel = export'
	agent_start
	ip -n "$ID-keeper" neigh add 10.0.0.50 lladdr 02:bb:bb:bb:bb:01 dev lan0 nud permanent
	ip -n "$ID-keeper" neigh add 10.0.0.51 lladdr 02:bb:bb:bb:bb:02 dev lan0 nud reachable extern_learn protocol zebra
	ip -n "$ID-keeper" neigh add 10.0.0.52 lladdr "$ELSEWHERE" dev lan0 nud permanent
	for n in 50 51 52 53; do ak set "10.0.0.$n" "$ELSEWHERE"; done
	await 5 is_ours 10.0.0.53 "$ELSEWHERE" # which was set last
	is_known 10.0.0.50 02:bb:bb:bb:bb:01 PERMANENT
	is_known 10.0.0.51 02:bb:bb:bb:bb:02 'proto zebra'
	is_known 10.0.0.52 "$ELSEWHERE" PERMANENT
	# Likewise an entry of the agent that another process takes over, before a whole round.
	ip -n "$ID-keeper" neigh replace 10.0.0.53 lladdr 02:bb:bb:bb:bb:03 dev lan0 nud permanent
	for n in 50 51 52; do ak unset "10.0.0.$n"; done
	agent_kill
	agent_start
	ak set 10.0.0.54 "$ELSEWHERE"
	await 5 is_ours 10.0.0.54 "$ELSEWHERE"
	agent_stop
	is_known 10.0.0.50 02:bb:bb:bb:bb:01 PERMANENT
	is_known 10.0.0.51 02:bb:bb:bb:bb:02 'proto zebra'
	is_known 10.0.0.52 "$ELSEWHERE" PERMANENT
	is_known 10.0.0.53 02:bb:bb:bb:bb:03 PERMANENT
	is_unknown 10.0.0.54
}

@test "the agent corrects a different MAC that the kernel learned, at the start and later" {
	pair
	configure 'kernel = export'
	ip -n "$ID-keeper" neigh add 10.0.0.50 lladdr 02:bb:bb:bb:bb:01 dev lan0 nud reachable
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	await 5 is_ours 10.0.0.50 "$ELSEWHERE"
	inside keeper sysctl -qw net.ipv4.conf.lan0.arp_accept=1 net.ipv4.neigh.lan0.locktime=0
	ip -n "$ID-keeper" monitor neigh >"$RESULT/monitor.txt" 3>&- &
	BACKGROUND+=("$!")
	await 5 monitor_listens
	# A forged reply to the host alone: the kernel believes it, and the agent corrects it.
	frames h1 send --op 2 --dst "$KEEPER_MAC" --spa 10.0.0.50 --tha "$KEEPER_MAC" --tpa 10.0.0.1
	await 5 grep -q "10.0.0.50 .*lladdr $(host_mac 1)" "$RESULT/monitor.txt"
	await 5 is_ours 10.0.0.50 "$ELSEWHERE"
}

@test "the agent soon restores its entries after a flush of the host's table" {
	pair
	configure 'kernel = export'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	await 5 is_ours 10.0.0.50 "$ELSEWHERE"
	ip -n "$ID-keeper" monitor neigh >"$RESULT/monitor.txt" 3>&- &
	BACKGROUND+=("$!")
	await 5 monitor_listens
	ip -n "$ID-keeper" neigh flush dev lan0
	await 5 grep -q '^Deleted 10.0.0.50 ' "$RESULT/monitor.txt"
	await 15 is_ours 10.0.0.50 "$ELSEWHERE"
}

@test "stop removes the agent's entries; stop --keep leaves them to age" {
	pair
	configure 'kernel = export'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	await 5 is_ours 10.0.0.50 "$ELSEWHERE"
	ip -n "$ID-keeper" neigh add 10.0.0.99 lladdr 02:bb:bb:bb:bb:01 dev lan0 nud stale
	agent_stop --keep
	is_ours 10.0.0.50 "$ELSEWHERE"
	agent_start
	agent_stop
	is_unknown 10.0.0.50
	is_known 10.0.0.99 02:bb:bb:bb:bb:01
}

@test "after kill -9, the next agent removes entries that should not be there" {
	pair
	configure 'kernel = export'
	agent_start
	for n in 50 51; do ak set "10.0.0.$n" "$ELSEWHERE"; done
	await 5 ours_are 2
	agent_kill
	# As if the agent had died before it removed an entry, with a prefix that is not configured any more.
	ip -n "$ID-keeper" neigh add 10.0.0.77 lladdr "$ELSEWHERE" dev lan0 nud stale extern_learn protocol 65
	ip -n "$ID-keeper" neigh add 10.7.0.77 lladdr "$ELSEWHERE" dev lan0 nud stale extern_learn protocol 65
	agent_start
	await 5 ours_are 2
	is_ours 10.0.0.50 "$ELSEWHERE"
	is_ours 10.0.0.51 "$ELSEWHERE"
	agent_kill
	configure # kernel = off
	agent_start
	await 5 ours_are 0
}

@test "after kill -9, detach removes the agent's entries too" {
	pair
	configure 'kernel = export'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	await 5 is_ours 10.0.0.50 "$ELSEWHERE"
	ip -n "$ID-keeper" neigh add 10.0.0.99 lladdr 02:bb:bb:bb:bb:01 dev lan0 nud stale extern_learn protocol zebra
	agent_kill
	is_ours 10.0.0.50 "$ELSEWHERE"
	inside keeper "$ARPKEEPER" detach -c "$CONFIG"
	is_unknown 10.0.0.50
	is_known 10.0.0.99 02:bb:bb:bb:bb:01
}

@test "an interface that goes and comes back gets its entries again" {
	pair
	configure 'kernel = export'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	await 5 is_ours 10.0.0.50 "$ELSEWHERE"
	ip -n "$ID-keeper" link set lan0 down
	await 5 is_unknown 10.0.0.50
	ip -n "$ID-keeper" link set lan0 up
	await 5 is_ours 10.0.0.50 "$ELSEWHERE"
	ip -n "$ID-keeper" link del lan0
	ip -n "$ID-keeper" link add other type veth peer name spare # so that the index is another
	ip -n "$ID-keeper" link add lan0 address "$KEEPER_MAC" type veth \
		peer name eth0 netns "$ID-h1" address "$(host_mac 1)"
	dress_keeper
	dress_host 1
	await 5 is_ours 10.0.0.50 "$ELSEWHERE"
}

@test "the agent learns what the kernel knew before, once the host has answered the agent, too" {
	pair
	inside keeper ping -q -c 1 -W 2 10.0.0.11
	is_known 10.0.0.11 REACHABLE
	configure 'kernel = import'
	agent_start
	await 5 holds 10.0.0.11 dynamic "$(host_mac 1)"
	await 5 recorded 10.0.0.11 "$(host_mac 1)" dynamic
	begun_by_kernel 10.0.0.11
}

@test "the agent learns what the kernel finds out, not what it only remembers or was given" {
	pair
	configure 'kernel = import' 'learn = passive'
	agent_start
	ip -n "$ID-keeper" neigh add 10.0.0.60 lladdr "$ELSEWHERE" dev lan0 nud permanent
	ip -n "$ID-keeper" neigh add 10.0.0.61 lladdr "$ELSEWHERE" dev lan0 nud stale
	ip -n "$ID-keeper" neigh add 10.0.0.62 lladdr "$ELSEWHERE" dev lan0 nud noarp
	ip -n "$ID-keeper" neigh add 10.0.0.63 lladdr "$ELSEWHERE" dev lan0 nud reachable extern_learn
	ip -n "$ID-keeper" neigh add 10.7.0.64 lladdr "$ELSEWHERE" dev lan0 nud reachable
	ip -n "$ID-keeper" neigh add 10.0.0.65 lladdr "$ELSEWHERE" dev lan0 nud reachable
	await 5 holds 10.0.0.65 dynamic "$ELSEWHERE"
	await 5 recorded 10.0.0.65 "$ELSEWHERE"
	begun_by_kernel 10.0.0.65
	for n in 60 61 62 63; do lacks "10.0.0.$n"; done
	[ "$(git -C "$REPO" ls-tree -r --name-only main lan | wc -l)" -eq 1 ]
	ours_are 0
}

@test "learn = off learns nothing from the kernel either" {
	pair
	configure 'kernel = import' 'learn = off'
	agent_start
	ip -n "$ID-keeper" neigh add 10.0.0.60 lladdr "$ELSEWHERE" dev lan0 nud reachable
	ak set 10.0.0.61 "$ELSEWHERE"
	ip -n "$ID-keeper" neigh add 10.0.0.61 lladdr 02:bb:bb:bb:bb:01 dev lan0 nud reachable
	await 5 heard_conflict # the later one has been heard: so has the one before
	lacks 10.0.0.60
}

heard_conflict() {
	grep -q 'conflict: 10.0.0.61 at 02:bb:bb:bb:bb:01' "$RESULT/agent.log"
}

@test "import and export together come to rest" {
	pair
	configure 'kernel = both' 'learn = passive'
	agent_start
	ip -n "$ID-keeper" neigh add 10.0.0.60 lladdr "$ELSEWHERE" dev lan0 nud reachable
	await 5 is_ours 10.0.0.60 "$ELSEWHERE"
	await 5 recorded 10.0.0.60 "$ELSEWHERE"
	begun_by_kernel 10.0.0.60
	ip -n "$ID-keeper" monitor neigh >"$RESULT/monitor.txt" 3>&- &
	BACKGROUND+=("$!")
	# Two rounds go by: the agent writes nothing, since nothing changes.
	for _ in 1 2; do
		await 15 refuses confirmed_within 3 10.0.0.60
		await 15 confirmed_within 1 10.0.0.60
	done
	[ ! -s "$RESULT/monitor.txt" ]
	[ "$(commits learn)" -eq 1 ]
}

# A bridge br0 upon lan0, which has the address then.
bridge() {
	ip -n "$ID-keeper" addr flush dev lan0
	ip -n "$ID-keeper" link add br0 address "${1:-$KEEPER_MAC}" type bridge
	ip -n "$ID-keeper" link set lan0 master br0
	ip -n "$ID-keeper" addr add 10.0.0.1/24 dev br0
	ip -n "$ID-keeper" link set br0 up
}

@test "the address of a bridge above the port is the host's own, and its neighbours are in the host's table" {
	pair
	bridge
	configure 'kernel = both'
	agent_start
	await 5 holds 10.0.0.1 local "$KEEPER_MAC"
	inside keeper ping -q -c 1 -W 2 10.0.0.11
	await 5 holds 10.0.0.11 dynamic "$(host_mac 1)"
	await 5 is_ours 10.0.0.11 "$(host_mac 1)"
	is_known 10.0.0.11 'dev br0'
	ip -n "$ID-keeper" addr add 10.0.0.2/24 dev br0
	await 5 holds 10.0.0.2 local "$KEEPER_MAC"
	ip -n "$ID-keeper" link set br0 address 02:00:00:00:00:99
	await 5 holds 10.0.0.2 local 02:00:00:00:00:99
	ip -n "$ID-keeper" link set lan0 nomaster
	await 5 refuses holds 10.0.0.1 local
	refuses holds 10.0.0.2 local
	ip -n "$ID-keeper" link set lan0 master br0
	await 5 holds 10.0.0.1 local 02:00:00:00:00:99
}

@test "without a prefix, the agent takes that of the bridge above the port" {
	pair
	bridge
	sed -i '/prefix/d' "$CONFIG"
	agent_start
	[ "$(reported '.segments[0].prefixes')" = '["10.0.0.0/24"]' ]
}

@test "the agent asks and learns a host behind a bridge that has a MAC of its own" {
	pair
	bridge 02:00:00:00:00:99
	configure
	agent_start
	await 5 holds 10.0.0.1 local 02:00:00:00:00:99
	frames h1 send --op 1 --spa 10.0.0.11 --tpa 10.0.0.99
	await 10 holds 10.0.0.11 dynamic "$(host_mac 1)"
	# And h1 has received no frame with 10.0.0.1 at the port's MAC.
	refuses grep -q "$KEEPER_MAC" <(ip -n "$ID-h1" neigh show 10.0.0.1)
}

last_is_ours() {
	[[ $(ip -n "$ID-keeper" -d neigh get 10.0.253.232 dev lan0) == *'proto 65'* ]]
}

# More than the kernel's own table would take: entries of ours do not count for gc_thresh3.
@test "65,000 entries are soon in the host's table, and gone when the agent ends" {
	export LAN=10.0.0.0/16
	pair
	ip -n "$ID-keeper" addr flush dev lan0
	ip -n "$ID-keeper" addr add 10.0.255.254/16 dev lan0
	configure 'kernel = export'
	python3 "$HERE/million.py" make "$REPO" --prefix 10.0.0.0/16 --entries 65000 --static
	agent_start
	await 20 last_is_ours # a look at all of them takes a fifth of a second
	await 20 ours_are 65000
	ak set 10.0.255.50 "$ELSEWHERE"
	await 5 is_ours 10.0.255.50 "$ELSEWHERE"
	agent_stop
	ours_are 0
}
