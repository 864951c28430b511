# SPDX-License-Identifier: MIT
#
# What the tests beside other XDP programs share. The other programs are those of Debian's xdp-tools, put on lan0 by
# xdp-loader and xdp-filter, and those of another agent.
# shellcheck shell=bash disable=SC2034,SC2154 # the tests use the variables; ID and others are the sandbox's

load lib

# One that passes everything, and one that drops everything.
OBJECTS=$(dirname "$(find /usr/lib -name xdp-dispatcher.o -print -quit)")
PASS=(-n xdp_pass "lan0" "$OBJECTS/xdp-dispatcher.o")
DROP=("lan0" "$OBJECTS/xdpfilt_dny_all.o")

# clear_all: as sandbox_clear, and what libxdp keeps of interfaces that end with their namespace.
clear_all() {
	local status=0
	sandbox_clear || status=$?
	rm -rf /sys/fs/bpf/xdp
	return "$status"
}

# loader COMMAND...: xdp-loader on the keeper's interfaces. There is one lock for all namespaces, at which it does not wait
# but fails, and test files run side by side.
loader() {
	inside keeper flock /run/lock/xdp-loader xdp-loader "$@"
}

# join PRIORITY PROGRAM...: in the mode that is there, or generic.
join() {
	local priority=$1 mode=skb
	shift
	[[ $(xdp_mode) != xdp ]] || mode=native
	loader load -m "$mode" -P "$priority" "$@"
}

# leave NAME: takes the program of that name off lan0.
leave() {
	local id
	id=$(loader status lan0 | awk -v name="$1" '$1 == "=>" && $3 == name { print $4; exit }')
	loader unload -i "$id" lan0
}

# programs: the names of those on lan0, in the order in which they run.
programs() {
	loader status lan0 | awk '$1 == "=>" { print $3 }' | xargs
}

# stream_start ADDRESS[,...]: 50 requests a second, until stream_lost_none. Returns when the first is answered.
stream_start() {
	rm -f "$SHORT/enough"
	frames h1 stream --spa 10.0.0.11 --tpa "$1" --rate 50 --wait 600 --until "$SHORT/enough" --count 50 \
		>"$RESULT/stream.json" 2>"$RESULT/stream.ready" 3>&- &
	STREAM=$!
	BACKGROUND+=("$STREAM")
	await 5 grep -q ready "$RESULT/stream.ready"
}

# stream_lost_none: ends it. It was still there.
stream_lost_none() {
	kill -0 "$STREAM"
	touch "$SHORT/enough"
	wait "$STREAM"
	cat "$RESULT/stream.json"
	jq -e '.lost == 0 and .sent >= 50' "$RESULT/stream.json"
}

# beside_ak COMMAND [ARGUMENT...]: as ak, for the other agent on lan0, whose instance is INSTANCE-b.
beside_ak() {
	local command=$1
	shift
	"$ARPKEEPER" "$command" -c "$RESULT/beside.conf" "$@"
}

beside_answers() {
	beside_ak status
}

# beside_start: the other agent.
beside_start() {
	sed "s|$REPO|$RESULT/beside.git|; s|instance = .*|instance = $INSTANCE-b|; s|$SOCKET|$SOCKET.b|; s|\"lan\"|\"beside\"|" \
		"$CONFIG" >"$RESULT/beside.conf"
	"$ARPKEEPER" run -c "$RESULT/beside.conf" --netns "$ID-keeper" >>"$RESULT/beside.log" 2>&1 3>&- &
	BESIDE=$!
	BACKGROUND+=("$BESIDE")
	await 20 beside_answers
}

# detacher PID: of that agent.
detacher() {
	local task
	for task in $(<"/proc/$1/task/$1/children"); do
		[[ $(<"/proc/$task/comm") != arpkeeper-xdp ]] || echo "$task"
	done
}

# gone: nothing of the agent is left, also not its pins.
gone() {
	[[ ! -e $PINS && " $(programs) " != *" arpkeeper "* ]]
}

# stops: the agent, by request; nothing of it is left.
stops() {
	run ak stop
	((status == 0))
	says "detached from lan0"
	wait "$AGENT"
	AGENT=''
	gone
}
