#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Bad input: each gets an error that names the thing, and loses nothing. (Bad entries in a push
# are in push.bats, modes that are refused in ports.bats.)

load lib

setup() {
	sandbox
	pair
}

teardown() {
	sandbox_clear
}

# starts_not [OPTION...]: the agent refuses, with status 1, and leaves nothing behind.
starts_not() {
	run timeout 20 "$ARPKEEPER" run -c "$CONFIG" --netns "$ID-keeper" "$@"
	echo "$output"
	[ "$status" -eq 1 ] || return 1
	[ -z "$(xdp_mode)" ] || return 1
	[ ! -e "$PINS/neigh_slots" ]
}

# line TEXT: the number of the line in the configuration that begins so.
line() {
	grep -nm 1 "^[[:space:]]*$1" "$CONFIG" | cut -d: -f1
}

@test "a malformed configuration: file and line" {
	echo '[segment "broken' >>"$CONFIG"
	starts_not
	says "$CONFIG:$(line '\[segment "broken')"
	run "$ARPKEEPER" check "$CONFIG"
	[ "$status" -eq 1 ]
	says "$CONFIG:"
}

@test "an unknown key or section: file, line and name" {
	configure 'colour = blue'
	starts_not
	says "$CONFIG:$(line colour)" colour
	configure
	printf '[weather]\n\tsun = on\n' >>"$CONFIG"
	starts_not
	says "$CONFIG:$(line '\[weather')" weather || says "$CONFIG:$(line sun)" weather
}

@test "a bad value: file, line, key and value" {
	local bad
	for bad in 'timeout = soon' 'answer = maybe' 'learn = a lot' 'vlan = 5000' 'announce = loudly' \
		'enforce = perhaps' 'prefix = 10.0.0.0/33' 'prefix = ten' 'prefix = 10.0.0.7/24'; do
		configure "$bad"
		starts_not
		# The last such line: the good prefix comes before the bad one.
		says "$CONFIG:$(grep -nF "$bad" "$CONFIG" | cut -d: -f1)" "${bad#* = }"
	done
}

@test "a configuration that is not there" {
	rm "$CONFIG"
	starts_not
	says "$CONFIG"
}

@test "a prefix too large, with the memory it would take" {
	sed -i "s|prefix = .*|prefix = 8.0.0.0/6|" "$CONFIG"
	starts_not
	says 8.0.0.0/6 "$CONFIG:$(line prefix)"
	says GiB || says MiB
}

@test "a prefix that overlaps another one of its segment" {
	configure 'prefix = 10.0.0.128/25'
	starts_not
	says 10.0.0.128/25 10.0.0.0/24 "$CONFIG"
}

@test "an interface that does not exist" {
	sed -i 's/interface = lan0/interface = lan7/' "$CONFIG"
	starts_not --strict
	says lan7
	starts_not --strict -i lan8
	says lan8 || says lan7
	[ ! -e "$REPO" ]
}

@test "a network namespace that does not exist" {
	run timeout 20 "$ARPKEEPER" run -c "$CONFIG" --netns "$ID-nowhere"
	[ "$status" -eq 1 ]
	says "$ID-nowhere"
}

@test "two agents with one instance name: the second is refused, the first goes on" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	sed "s|$SOCKET|$SHORT/second.sock|; s|$REPO|$RESULT/second.git|" "$CONFIG" >"$RESULT/second.conf"
	run timeout 20 "$ARPKEEPER" run -c "$RESULT/second.conf" --netns "$ID-keeper"
	[ "$status" -eq 1 ]
	says "$INSTANCE" "$AGENT"
	answered h1 10.0.0.50 "$ELSEWHERE"
	ak show >/dev/null
	[ ! -e "$RESULT/second.git" ]
}

@test "two agents with one repository: the second is refused" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	space other
	ip -n "$ID-other" link add lan0 type veth peer name lan1
	sed "s|$SOCKET|$SHORT/second.sock|; s|instance = .*|instance = $INSTANCE-b|" "$CONFIG" >"$RESULT/second.conf"
	run timeout 20 "$ARPKEEPER" run -c "$RESULT/second.conf" --netns "$ID-other"
	[ "$status" -eq 1 ]
	says "$REPO"
	[ ! -e "$PINS-b" ]
	ak set 10.0.0.51 "$ELSEWHERE"
}

# untouched DIRECTORY COMMAND...: every file there is the same afterwards.
untouched() {
	local directory=$1 before
	shift
	before=$(cd "$directory" && find . -type f -exec sha1sum {} + | sort)
	"$@" || return 1
	[ "$before" = "$(cd "$directory" && find . -type f -exec sha1sum {} + | sort)" ]
}

@test "a directory without a repository is refused, untouched" {
	mkdir "$REPO"
	echo 'thesis, the only copy' >"$REPO/thesis.txt"
	untouched "$REPO" starts_not
	says "$REPO"
	rm -r "$REPO"
	echo 'a file' >"$REPO"
	starts_not
	says "$REPO"
	[ "$(cat "$REPO")" = 'a file' ]
	rm "$REPO"
}

@test "a repository that holds something else is refused, untouched" {
	git init -q --bare -b main "$REPO"
	git init -q -b main "$SHORT/work"
	echo 'int main(void);' >"$SHORT/work/main.c"
	git -C "$SHORT/work" add main.c
	git -C "$SHORT/work" commit -qm 'something else'
	git -C "$SHORT/work" push -q "$REPO" main
	untouched "$REPO" starts_not
	says "$REPO"
}

@test "a repository that is not bare is refused, untouched" {
	git init -q -b main "$REPO"
	untouched "$REPO" starts_not
	says "$REPO" bare
	rm -rf "$REPO"
}

@test "the agent reports a repository with a broken main and does not write over it" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	agent_stop
	cp -r "$REPO" "$SHORT/good.git"
	echo 1234567890123456789012345678901234567890 >"$REPO/refs/heads/main"
	agent_start
	grep -q 'warning: recorder: history is damaged.*arpkeeper repair' "$RESULT/agent.log"
	run timeout 60 "$ARPKEEPER" set -c "$CONFIG" 10.0.0.51 "$ELSEWHERE"
	[ "$status" -eq 1 ]
	says "not recorded yet" "history is damaged"
	holds 10.0.0.51 static "$ELSEWHERE"
	[ "$(cat "$REPO/refs/heads/main")" = 1234567890123456789012345678901234567890 ]
	agent_kill
	rm -rf "$REPO"
	mv "$SHORT/good.git" "$REPO"
	agent_start
	holds 10.0.0.50 static "$ELSEWHERE"
	await 10 recorded 10.0.0.51 "$ELSEWHERE" static
}

@test "an address, a MAC or a note that cannot be set" {
	agent_start
	local before
	ak set 10.0.0.50 "$ELSEWHERE"
	before=$(tip)
	sets_not 2 10.0.0 "$ELSEWHERE" 10.0.0
	sets_not 2 10.0.0.256 "$ELSEWHERE" 10.0.0.256
	sets_not 2 10.0.0.51 02:aa 02:aa
	sets_not 2 10.0.0.51 ff:ff:ff:ff:ff:ff ff:ff:ff:ff:ff:ff
	sets_not 2 10.0.0.51 00:00:00:00:00:00 00:00:00:00:00:00
	sets_not 1 192.168.9.9 "$ELSEWHERE" 192.168.9.9
	sets_not 1 10.0.0.0 "$ELSEWHERE" 10.0.0.0
	sets_not 1 10.0.0.255 "$ELSEWHERE" 10.0.0.255
	sets_not 1 10.0.0.1 "$ELSEWHERE" 10.0.0.1
	sets_not 2 10.0.0.51 "$ELSEWHERE" note --note $'two\nlines'
	sets_not 1 10.0.0.51 "$ELSEWHERE" nowhere --segment nowhere
	[ "$(tip)" = "$before" ]
	holds 10.0.0.50 static "$ELSEWHERE"
	at_rest
}

# sets_not STATUS ADDRESS MAC WORD [OPTION...]
sets_not() {
	local expected=$1 address=$2 mac=$3 word=$4
	shift 4
	run ak set "$address" "$mac" "$@"
	echo "$output"
	[ "$status" -eq "$expected" ] || return 1
	says "$word"
}

@test "the agent refuses to run without root" {
	chmod 755 "$SHORT"
	cp "$ARPKEEPER" "$SHORT/arpkeeper"
	run inside keeper setpriv --reuid nobody --clear-groups "$SHORT/arpkeeper" run -i lan0 \
		--instance "$INSTANCE" --control "$SHORT/c.sock" --repo "$SHORT/r.git"
	[ "$status" -eq 1 ]
	says root
	[ -z "$(xdp_mode)" ]
}

@test "without bpffs and the right to mount it, the agent says how" {
	run inside keeper unshare --mount sh -c 'umount /sys/fs/bpf 2>/dev/null
		exec setpriv --bounding-set -sys_admin --inh-caps -sys_admin "$@"' - \
		timeout 20 "$ARPKEEPER" run -c "$CONFIG"
	[ "$status" -eq 1 ]
	says /sys/fs/bpf mount
	[ -z "$(xdp_mode)" ]
}

@test "without bpffs, the agent mounts it when it has the right" {
	inside keeper unshare --mount sh -c 'umount /sys/fs/bpf 2>/dev/null; exec "$@"' - \
		"$ARPKEEPER" run -c "$CONFIG" >"$RESULT/agent.log" 2>&1 3>&- &
	AGENT=$!
	await 10 agent_answers_or_ended
	ak set 10.0.0.50 "$ELSEWHERE"
	answered h1 10.0.0.50 "$ELSEWHERE"
	[ ! -e "$PINS" ]
	agent_stop
}

@test "without CAP_BPF the agent names what is missing" {
	run inside keeper setpriv --bounding-set -bpf,-sys_admin --inh-caps -bpf,-sys_admin \
		timeout 20 "$ARPKEEPER" run -c "$CONFIG"
	[ "$status" -eq 1 ]
	says BPF
	[ -z "$(xdp_mode)" ]
}

@test "a control socket that another process listens on is not taken" {
	socat "UNIX-LISTEN:$SOCKET,fork" EXEC:cat 3>&- &
	BACKGROUND+=($!)
	await 5 test -S "$SOCKET"
	starts_not
	says "$SOCKET"
	[ -S "$SOCKET" ]
}

@test "a control socket without a listener is replaced" {
	agent_start
	agent_kill
	[ -S "$SOCKET" ]
	agent_start
	ak status
}
