# SPDX-License-Identifier: MIT
#
# What every system test shares: a sandbox of network namespaces, a configuration, an agent and a
# repository of its own, and their removal whatever happened. It never touches an interface of the
# machine's own namespace: it makes veth pairs inside new ones.
#
#   setup() { sandbox; }     teardown() { sandbox_clear; }
#
# Environment: ARPKEEPER (the binary under test), LOOKER (the binary that helpers ask it with;
# beside it is what sends frames), RESULTS (where repositories and logs are left), RUN (unique for one run
# of the suite), TIME_FACTOR (deadlines grow by it).
# shellcheck shell=bash disable=SC2034,SC2119,SC2120,SC2154 # the tests use the variables, give the
# arguments, and get $output from run

export LC_ALL=C
# Not the machine's own /etc/arpkeeper.conf.
export ARPKEEPER_CONFIG=
# The tools that scripts/setup installs, before wrappers such as pyenv's: its python3 costs 0.1 s of CPU a call.
export PATH=/usr/sbin:/usr/bin:/sbin:/bin:$PATH

HERE=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
ROOT=$(cd "$HERE/../.." && pwd)
ARPKEEPER=${ARPKEEPER:-$ROOT/build/arpkeeper}
LOOKER=${LOOKER:-$ARPKEEPER}
RESULTS=${RESULTS:-$ROOT/build/test-results}
# Each test comes here: no processes for paths that scripts/run-tests has made absolute.
[[ $ARPKEEPER == /* ]] || ARPKEEPER=$(realpath "$ARPKEEPER")
[[ $LOOKER == /* ]] || LOOKER=$(realpath "$LOOKER")
[[ $RESULTS == /* ]] || RESULTS=$(realpath -m "$RESULTS")
RUN=${RUN:-$$}
TIME_FACTOR=${TIME_FACTOR:-1}
FRAMES=${LOOKER%/*}/system/frames

LAN=10.0.0.0/24
KEEPER_MAC=02:00:00:00:00:01
# A station that is nowhere on the wire: only arpkeeper answers for it.
ELSEWHERE=02:aa:aa:aa:aa:aa

# --- waiting ---------------------------------------------------------------------------------

# await SECONDS COMMAND...: until it succeeds; fails when it has not within SECONDS. It looks less often
# after half a second, and again after two: polls would take the CPU from the tests that run beside this one.
await() {
	local deadline=$((${EPOCHREALTIME/./} + $1 * 1000000 * TIME_FACTOR)) polls=0
	shift
	until "$@" >/dev/null 2>&1; do
		if ((${EPOCHREALTIME/./} >= deadline)); then
			echo "await: not in time: $*"
			"$@" # for the reader of the log
			return 1
		fi
		polls=$((polls + 1))
		pause $((polls < 8 ? 50 : polls < 20 ? 150 : 300))
	done
}

# pause MILLISECONDS, without a process: nobody writes into this pipe.
pause() {
	local seconds
	printf -v seconds '%d.%03d' $(($1 / 1000)) $(($1 % 1000))
	read -rt "$seconds" <>"$SHORT/never" || true
}

# refuses COMMAND...: succeeds when it fails (`!` does not end a bats test).
refuses() {
	! "$@"
}

# says TEXT...: `run` printed each of them.
says() {
	local text
	for text; do
		if ! grep -qiF -- "$text" <<<"$output"; then
			printf 'expected to read "%s" in:\n%s\n' "$text" "$output"
			return 1
		fi
	done
}

# --- where a test failed -----------------------------------------------------------------------

# bats notes each command before it runs, to name the line that failed: 0.3 ms of CPU time for each, a third of what the system
# tests took. From here on it does so in the test's own lines only; in functions, lines are noted when a command fails.
untraced() {
	set +T
	trap 'bats_error_trap; trap - DEBUG; failed_here' ERR
}

# failed_here: the caller's line, and those that led to it, are what bats prints of a failure.
failed_here() {
	local frame
	BATS_DEBUG_LAST_STACK_TRACE=()
	for ((frame = 1; frame < ${#FUNCNAME[@]}; frame++)); do
		BATS_DEBUG_LAST_STACK_TRACE+=("${BASH_LINENO[frame - 1]} ${FUNCNAME[frame]} ${BASH_SOURCE[frame]}")
		[[ ${FUNCNAME[frame]} != @(setup|teardown|"$BATS_TEST_NAME") ]] || break
	done
}

# --- the sandbox -----------------------------------------------------------------------------

sandbox() {
	local slug
	untraced
	slug=${BATS_TEST_FILENAME##*/}
	slug=${slug%.bats}-${BATS_TEST_DESCRIPTION//[^a-zA-Z0-9]/-}
	while [[ $slug == *--* ]]; do slug=${slug//--/-}; done
	ID=aktest-$RUN-$BASHPID
	INSTANCE=$ID
	PINS=/sys/fs/bpf/arpkeeper/$INSTANCE
	RESULT=$RESULTS/${slug%-}
	REPO=$RESULT/history.git
	CONFIG=$RESULT/arpkeeper.conf
	[[ ! -e $RESULT ]] || rm -rf "$RESULT"
	mkdir -p "$RESULT"
	SHORT=$(mktemp -d -t arpkeeper.XXXXXX) # a socket's path has 107 characters at most
	mkfifo "$SHORT/never"
	SOCKET=$SHORT/control.sock
	SPACES=() AGENT='' BACKGROUND=() MOUNTS=() # what sandbox_clear removes and ends
	export GIT_AUTHOR_NAME=Ada GIT_AUTHOR_EMAIL=ada@example.net
	export GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@example.net
	export GIT_CONFIG_NOSYSTEM=1 GIT_CONFIG_GLOBAL=/dev/null
	export ASAN_OPTIONS="log_path=$RESULT/sanitizer:detect_leaks=1:abort_on_error=0"
	export UBSAN_OPTIONS="log_path=$RESULT/sanitizer:print_stacktrace=1"
	configure
}

# Ends what the test started, removes what it made, and prints the agent's log of a failed test. Fails
# when the repository is broken or a sanitizer complained.
sandbox_clear() {
	local pid space mount failed=0
	for mount in "${MOUNTS[@]}"; do
		umount -l "$mount" 2>/dev/null || true
	done
	for pid in "${BACKGROUND[@]}" $AGENT; do
		kill -9 "$pid" 2>/dev/null || true
		wait "$pid" 2>/dev/null || true
	done
	for space in "${SPACES[@]}"; do
		for pid in $(ip netns pids "$space" 2>/dev/null); do
			kill -9 "$pid" 2>/dev/null || true
		done
		ip netns del "$space" 2>/dev/null || true
	done
	rm -rf "$PINS" "$PINS-b" "$SHORT" "/run/arpkeeper/$INSTANCE".lock "/run/arpkeeper/$INSTANCE"-b.lock
	if [[ -z ${BATS_TEST_COMPLETED:-} && -r $RESULT/agent.log ]]; then
		echo "--- the agent's log, last lines ---"
		tail -n 30 "$RESULT/agent.log"
	fi
	# What is no finding: that a thread ended while leaks were looked for ("Unable to get registers").
	if grep -qE 'ERROR:|runtime error:|CHECK failed' "$RESULT"/sanitizer.* 2>/dev/null; then
		echo "--- sanitizer ---"
		head -n 60 "$RESULT"/sanitizer.*
		failed=1
	fi
	if [[ -d $REPO/objects ]] && ! git -C "$REPO" fsck --strict >"$RESULT/fsck.log" 2>&1; then
		echo "--- git fsck --strict ---"
		cat "$RESULT/fsck.log"
		failed=1
	fi
	((failed == 0)) || failed_here
	return $failed
}

# space NAME: a network namespace without IPv6, so that nothing sends unasked.
space() {
	ip netns add "$ID-$1"
	SPACES+=("$ID-$1")
	inside "$1" sh -c 'cd /proc/sys/net/ipv6/conf && echo 1 >all/disable_ipv6 && echo 1 >default/disable_ipv6 &&
		exec ip link set lo up'
}

# inside NAME COMMAND...: only the network namespace changes; `ip netns exec` would hide bpffs.
inside() {
	local name=$1
	shift
	nsenter --net="/run/netns/$ID-$name" "$@"
}

host_mac() {
	printf '02:00:00:00:00:%02x\n' $((16 + $1))
}

host_address() {
	echo "10.0.0.$((10 + $1))"
}

# pair: the agent's namespace `keeper` with port lan0 (10.0.0.1), its peer eth0 in `h1` (10.0.0.11).
pair() {
	space keeper
	space h1
	ip -n "$ID-keeper" link add lan0 address "$KEEPER_MAC" type veth \
		peer name eth0 netns "$ID-h1" address "$(host_mac 1)"
	dress_keeper
	dress_host 1
}

# lan N: the same with a bridge between them, and hosts h1..hN, each on a port hN of the bridge.
lan() {
	local n
	space keeper
	space switch
	ip -n "$ID-switch" link add br0 type bridge
	ip -n "$ID-switch" link set br0 up
	ip -n "$ID-keeper" link add lan0 address "$KEEPER_MAC" type veth peer name keeper netns "$ID-switch"
	ip -n "$ID-switch" link set keeper master br0 up
	dress_keeper
	for ((n = 1; n <= $1; n++)); do
		space "h$n"
		ip -n "$ID-h$n" link add eth0 address "$(host_mac "$n")" type veth \
			peer name "h$n" netns "$ID-switch"
		ip -n "$ID-switch" link set "h$n" master br0 up
		dress_host "$n"
	done
}

dress_keeper() {
	printf '%s\n' 'addr add 10.0.0.1/24 dev lan0' 'link set lan0 up' | ip -n "$ID-keeper" -batch -
}

dress_host() {
	printf '%s\n' "addr add $(host_address "$1")/24 dev eth0" 'link set eth0 up' | ip -n "$ID-h$1" -batch -
}

# mute N: host N stops replying to ARP requests, and works otherwise.
mute() {
	inside "h$1" sysctl -qw net.ipv4.conf.eth0.arp_ignore=8
}

# configure [LINE...]: writes the configuration; LINEs go into the segment "lan".
# AGENT_LINES holds lines for [agent].
configure() {
	{
		printf '[history]\n\tpath = %s\n\tinterval = 50ms\n' "$REPO"
		printf '[agent]\n\tinstance = %s\n\tcontrol = %s\n' "$INSTANCE" "$SOCKET"
		[[ -z ${AGENT_LINES:-} ]] || printf '\t%s\n' "$AGENT_LINES"
		printf '[segment "lan"]\n\tinterface = lan0\n\tprefix = %s\n' "$LAN"
		(($# == 0)) || printf '\t%s\n' "$@"
	} >"$CONFIG"
}

# --- the agent -------------------------------------------------------------------------------

# agent_start [OPTION...]: returns when the agent answers on its control socket and is attached. Fails when it ended.
agent_start() {
	local ended=''
	"$ARPKEEPER" run -c "$CONFIG" \
		--netns "$ID-keeper" "$@" >>"$RESULT/agent.log" 2>&1 3>&- &
	AGENT=$!
	await 20 agent_answers_or_ended
	[[ -z $ended ]]
}

agent_answers() {
	look status >/dev/null
}

agent_answers_or_ended() {
	if [[ -S $SOCKET ]] && agent_answers; then
		return
	fi
	kill -0 "$AGENT" 2>/dev/null && return 1
	ended=1
}

agent_kill() {
	kill -9 "$AGENT"
	wait "$AGENT" 2>/dev/null || true
	AGENT=''
}

# recorder: the process that has the repository.
recorder() {
	[[ $(look status --json) =~ \"recorder\":\ \{[^}]*\"pid\":\ ([0-9]+) ]] || return 1
	echo "${BASH_REMATCH[1]}"
}

# agent_stop [--keep]: through the control socket; the agent must end with status 0.
agent_stop() {
	local pid=$AGENT
	ak stop "$@"
	AGENT=''
	wait "$pid"
}

# ak COMMAND [ARGUMENT...]: the command line, with the sandbox's configuration.
ak() {
	local command=$1
	shift
	"$ARPKEEPER" "$command" -c "$CONFIG" "$@"
}

# away_and_back: lan0 goes to the namespace `away`, where 10.0.0.50 is not answered, and returns; then it is.
away_and_back() {
	ip -n "$ID-keeper" link set lan0 netns "$ID-away"
	await 5 port_is gone
	ip -n "$ID-away" link set lan0 up
	unanswered h1 10.0.0.50
	ip -n "$ID-away" link set lan0 netns "$ID-keeper"
	dress_keeper
	await 5 port_is attached
	await 5 answered h1 10.0.0.50 "$ELSEWHERE"
}

# --- looking ---------------------------------------------------------------------------------
#
# What is polled reads JSON by the shell: objects with one value a line, tables with one entry a line. When the output has
# another shape, it fails.

# jq takes 30 ms of CPU time to start, gojq 3. It prints each object's keys in alphabetical order.
if command -v gojq >/dev/null; then
	jq() {
		gojq "$@"
	}
fi

# look COMMAND [ARGUMENT...]: `ak` for helpers, which ask hundreds of times. `make test-sanitize` gives them the plain build's
# command line: a sanitizer's takes five times its CPU time to start and to end.
look() {
	local command=$1
	shift
	"$LOOKER" "$command" -c "$CONFIG" "$@"
}

# reported [OPTION...] FILTER: what the status says, by jq.
reported() {
	look status --json | jq -rc "$@"
}

# port FIELD: of the agent's first port.
port() {
	reported ".ports[0].$1"
}

port_is() {
	[[ $(port state) == "$1" ]]
}

counter() {
	[[ $(look stats --json) =~ \"counters\":\ \{[^}]*\"$1\":\ ([0-9]+) ]] || return 1
	echo "${BASH_REMATCH[1]}"
}

# entries_of ADDRESS: the table's lines of it; fails when there is none, or the agent does not answer.
entries_of() {
	local shown
	shown=$(look show --json) || return 1
	grep -F "\"address\": \"$1\"," <<<"$shown"
}

# entry ADDRESS FIELD: its value; "" when the table does not have the address.
entry() {
	entries_of "$1" | sed -En "s/.*\"$2\": \"?([^\",}]*).*/\1/p"
}

# holds ADDRESS STATE [MAC]: the table has it now.
holds() {
	local held
	held=$(entries_of "$1") || return 1
	[[ $held == *"\"mac\": "${3:+"\"$3\","}*"\"state\": \"$2\","* && $held != *$'\n'* ]]
}

lacks() {
	local shown
	shown=$(look show --json) || return 1
	[[ $shown == '{"entries": ['* && $shown != *"\"address\": \"$1\","* ]]
}

path_of() {
	local a b c d
	IFS=. read -r a b c d <<<"$1"
	echo "lan/$a.$b/$a.$b.$c/$a.$b.$c.$d"
}

# recorded ADDRESS [MAC [STATE]]: main's tree has it.
recorded() {
	local text
	text=$(git -C "$REPO" show "main:$(path_of "$1")" 2>/dev/null) || return 1
	[[ -z ${2:-} ]] || grep -qx "mac $2" <<<"$text" || return 1
	[[ -z ${3:-} ]] || grep -qx "state $3" <<<"$text"
}

unrecorded() {
	git -C "$REPO" rev-parse -q --verify main >/dev/null && ! recorded "$1"
}

# commits KIND: how many commits of main belong to tasks of that kind.
commits() {
	git -C "$REPO" log --format=%b main | grep -c "^Task: $1/" || true
}

has_commit() {
	(($(commits "$1") > 0))
}

# incidents [KIND]: how many alerts history has, or of that kind.
incidents() {
	git -C "$REPO" log --format='%(trailers:key=Alert,valueonly,separator=)' alerts -- 2>/dev/null | grep -cx "${1:-.*}" || true
}

has_incident() {
	(($(incidents "$1") > 0))
}

# incident_says TEXT: one of the alerts in history says it.
incident_says() {
	git -C "$REPO" log --format=%B alerts -- 2>/dev/null | grep -F -- "$1"
}

tip() {
	git -C "$REPO" rev-parse main
}

# Invariant 1: the map's durable part and main's tree are equal but for the host's own addresses, read with stock tools; at
# once, or when what the test's last frame has taught the agent is recorded.
at_rest() {
	await 5 sides_are_equal
}

sides_are_equal() {
	diff <("$HERE/table" map "$PINS/neigh_slots" "$LAN") <("$HERE/table" tree "$REPO" |
		awk '!tree { split($4, address, "/"); own[address[1]]; next } !($1 in own)' \
			<(ip -n "$ID-keeper" -o -4 address) tree=1 -)
}

# write_slot ADDRESS MAC STATE FLAGS: with bpftool, as an outsider would. MAC "-" is none.
write_slot() {
	local host=${1##*.} mac=${2/#-/00:00:00:00:00:00} hex
	hex=$(printf '%02x 00 00 00' "$host")
	# shellcheck disable=SC2086 # one word a byte
	bpftool map update pinned "$PINS/neigh_slots" key hex $hex \
		value hex ${mac//:/ } "$(printf '%02x' "$3")" "$(printf '%02x' "$4")" 00 00 00 00 00 00 00 00
}

# frames HOST ARGUMENT...: the program frames on that host's eth0.
frames() {
	local host=$1
	shift
	inside "$host" "$FRAMES" eth0 "$@"
}

# request HOST ADDRESS [ARGUMENT...]: one request from the host's own address, the first reply.
request() {
	local host=$1 tpa=$2
	shift 2
	frames "$host" send --spa "$(host_address "${host#h}")" --tpa "$tpa" --first "$@"
}

# answered HOST ADDRESS MAC: a reply says at once that ADDRESS is at MAC.
answered() {
	request "$1" "$2" --wait 0.5 | grep -q "sha=$3 spa=$2 "
}

unanswered() {
	[[ -z $(request "$1" "$2" --wait 0.3) ]]
}

# watch_start: writes what the agent reports to watchers, from now on, to watch.json.
watch_start() {
	ak watch --json >"$RESULT/watch.json" 2>"$RESULT/watch.err" 3>&- &
	BACKGROUND+=($!)
	await 10 watching
}

# A watcher is connected once it receives something: an entry that comes and goes.
watching() {
	ak set 10.0.0.200 "$ELSEWHERE" -m "does the watcher see it? $RANDOM"
	ak unset 10.0.0.200
	grep -q 10.0.0.200 "$RESULT/watch.json"
}

# alerted KIND [ADDRESS [MAC]]: the watcher received the alert.
alerted() {
	grep -qF "\"$1\"" "$RESULT/watch.json" || return 1
	jq -es --arg kind "$1" --arg address "${2:-}" --arg mac "${3:-}" 'any(.type == "alert" and
		.alert == $kind and ($address == "" or .address == $address) and
		($mac == "" or .mac == $mac))' "$RESULT/watch.json"
}

# xdp_mode: how a program is attached to lan0: "xdp" (native), "xdpgeneric", or "".
xdp_mode() {
	[[ $(ip -n "$ID-keeper" link show "${1:-lan0}") =~ \ mtu\ [0-9]+\ (xdp[a-z]*)?\ ?qdisc ]] || return 1
	echo "${BASH_REMATCH[1]}"
}

# clone: a working clone in $CLONE.
clone() {
	CLONE=$SHORT/clone
	git clone -q "$REPO" "$CLONE"
}

# write_entry ADDRESS MAC [STATE]: an entry's file in the clone, added.
write_entry() {
	local path
	path=$CLONE/$(path_of "$1")
	mkdir -p "$(dirname "$path")"
	printf 'mac %s\nstate %s\nsince 2026-01-02T03:04:05Z\n' "$2" "${3:-static}" >"$path"
	git -C "$CLONE" add "$path"
}
