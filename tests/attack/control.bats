#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Attacks on the control socket by ordinary users of the machine: each against a running agent, by other
# users. An operator's `set` must go on, and the agent's memory must stay bounded.

load ../system/lib

# A large table, most of it empty: `show` must look at all of it.
# shellcheck disable=SC2034 # configure() takes it
LAN=10.0.0.0/12
MALLORY=47110 # users and a group that exist nowhere else: the kernel does not mind
OPERATORS=47200
SET_MS=$((200 * TIME_FACTOR))
SANITIZED=$((TIME_FACTOR > 1 ? 8 : 1)) # a sanitizer keeps what is freed for a while

setup() {
	# shellcheck disable=SC2034 # configure() takes it
	AGENT_LINES="operators = $OPERATORS"
	sandbox
	# Else it keeps 256 MB of what is freed.
	export ASAN_OPTIONS="$ASAN_OPTIONS:quarantine_size_mb=4"
	pair
	CLIENT=$SHORT/control.py
	cp "$BATS_TEST_DIRNAME/control.py" "$CLIENT"
	chmod 755 "$SHORT"
	mkdir -m 777 "$SHORT/attack"
	ATTACKERS=()
}

teardown() {
	touch "$SHORT"/attack/{1..9}
	sandbox_clear
}

# as UID COMMAND...: as that user, in no group but its own.
as() {
	local uid=$1
	shift
	setpriv --reuid "$uid" --regid "$uid" --clear-groups "$@"
}

# attack UID ARGUMENT...: control.py as that user, in the background; returns when it has begun.
attack() {
	local uid=$1
	shift
	local number=$((${#ATTACKERS[@]} + 1))
	as "$uid" python3 "$CLIENT" "$SOCKET" "$@" --until "$SHORT/attack/$number" >"$RESULT/attack.$number" 2>&1 3>&- &
	ATTACKERS+=($!)
	BACKGROUND+=($!)
	await 60 test -e "$SHORT/attack/$number.begun"
}

# The attacks end, and print their figures.
attacks_end() {
	local number
	for ((number = 1; number <= ${#ATTACKERS[@]}; number++)); do
		touch "$SHORT/attack/$number"
		wait "${ATTACKERS[number - 1]}"
		echo "attack $number: $(cat "$RESULT/attack.$number")"
	done
}

# said ATTACK TEXT: the agent said so to that attacker.
said() {
	jq -e --arg text "$2" '.said | any(contains($text))' "$RESULT/attack.$1" >/dev/null
}

peak_kb() {
	awk '/^VmHWM/ { print $2 }' "/proc/$AGENT/status"
}

# grew_by_less_than KB: since `before`.
grew_by_less_than() {
	local growth=$(($(peak_kb) - before))
	echo "memory: $before kB, and grew by $growth kB; bound $(($1 * SANITIZED))"
	((growth < $1 * SANITIZED))
}

# root_is_served [MS]: an operator's changes do not wait for the attack.
root_is_served() {
	local figures bound=${1:-$SET_MS}
	figures=$(python3 "$CLIENT" "$SOCKET" set --count 20)
	echo "set beside the attack: $figures; bound $bound ms"
	jq -e ".failed == [] and .longest_ms < $bound" <<<"$figures" >/dev/null
}

operator_is_served() {
	setpriv --reuid 47150 --regid 47150 --groups "$OPERATORS" \
		python3 "$CLIENT" "$SOCKET" set --count 3 | jq -e '.failed == []'
}

@test "100,000 pipelined reconciles of an ordinary user do not hold up root's set" {
	agent_start
	before=$(peak_kb)
	attack $MALLORY flood --requests 100000 '{"command":"reconcile","ref":"refs/heads/main"}'
	attack $((MALLORY + 1)) flood --read '{"command":"reconcile","ref":"refs/heads/merge/none"}'
	root_is_served
	attacks_end
	grew_by_less_than 8192
}

@test "64 connections that ask and do not read fill no memory, and hold up no set" {
	agent_start
	before=$(peak_kb)
	attack $MALLORY flood --connections 64 '{"command":"status"}'
	root_is_served
	attacks_end
	# They wait: none is dropped, and what they asked is answered when they read.
	[ "$(jq .open "$RESULT/attack.1")" -eq 64 ]
	(($(jq .answered "$RESULT/attack.1") > 64))
	grew_by_less_than 16384
}

@test "64 connections that ask for the whole table hold up no set" {
	agent_start
	before=$(peak_kb)
	attack $MALLORY flood --connections 64 --read '{"command":"show"}'
	root_is_served
	attacks_end
	grew_by_less_than 16384
}

@test "connections that come and go without end hold up no set" {
	agent_start
	before=$(peak_kb)
	attack $MALLORY churn
	root_is_served $((2 * SET_MS)) # the attacker competes for the CPU, too
	operator_is_served
	attacks_end
	(($(jq .connected "$RESULT/attack.1") > 1000))
	grew_by_less_than 8192
}

@test "three users, 192 connections, all kinds of requests: hosts are learned, and memory stays bounded" {
	agent_start
	before=$(peak_kb)
	attack $MALLORY flood --connections 64 '{"command":"show","stream":true}'
	attack $((MALLORY + 1)) flood --connections 64 '{"command":"stats"}'
	attack $((MALLORY + 2)) flood --connections 64 --read '{"command":"reconcile","ref":"refs/heads/merge/none"}'
	root_is_served
	operator_is_served
	inside h1 ping -q -c 3 -i 0.3 -W 2 10.0.0.1
	await 5 holds 10.0.0.11 dynamic "$(host_mac 1)"
	attacks_end
	grew_by_less_than 32768
}

@test "10,000 connections of one user leave the others theirs" {
	agent_start
	before=$(peak_kb)
	attack $MALLORY hold --connections 10000
	root_is_served
	operator_is_served
	as $((MALLORY + 1)) "$ARPKEEPER" status --control "$SOCKET"
	attacks_end
	[ "$(jq .open "$RESULT/attack.1")" -eq 64 ]
	said 1 "user $MALLORY has 64 connections, the limit for a user: close one first"
	grew_by_less_than 4096
	grep -q "connections refused since the last such line" "$RESULT/agent.log"
	[ "$(grep -c "connections refused" "$RESULT/agent.log")" -le 2 ]
}

@test "connections of many users leave operators and root theirs" {
	agent_start
	before=$(peak_kb)
	for n in 1 2 3 4 5; do
		attack $((MALLORY + n)) hold --connections 64
	done
	root_is_served
	operator_is_served
	attacks_end
	[ "$(jq -s 'map(.open) | add' "$RESULT"/attack.?)" -eq 192 ]
	said 5 "users who may only read have 192 connections, the limit for all of them: try again later"
	grew_by_less_than 4096
}

@test "a request of 10 MB is refused, and memory is not kept for beginnings of requests" {
	agent_start
	before=$(peak_kb)
	attack $MALLORY hold --fill 10000000
	attack $MALLORY hold --connections 60 --send '{"command":"status","x":"' --fill 1000000
	attack $((MALLORY + 1)) hold --connections 60 --send '{"command":"status","x":"' --fill 8000
	root_is_served
	attacks_end
	said 1 "at most 8192 bytes"
	[ "$(jq .open "$RESULT/attack.1")" -eq 0 ]
	[ "$(jq .open "$RESULT/attack.2")" -eq 0 ]
	[ "$(jq .open "$RESULT/attack.3")" -eq 60 ]
	grew_by_less_than 4096
}

@test "JSON that is deep, wide or ambiguous is refused, and the agent goes on" {
	agent_start
	before=$(peak_kb)
	python3 - "$SOCKET" <<-'END'
		import json, socket, sys
		deep = '{"command":' + "[" * 500000
		wide = '{"command":"status","x":[' + "1," * 500000 + "1]}"
		bombs = [deep, '{"command":"status","command":"stop"}', '{"command":"stop\\u0000"}', "[" * 1000000,
		         '{"command":' + "9" * 900000 + "}", '{"command":1e999999}', '{"\xff":1}', "[]", "null", '"stop"']
		control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		control.settimeout(60)
		control.connect(sys.argv[1])
		lines = control.makefile("rb")
		for bomb in bombs:
		    control.sendall(bomb.encode("latin-1") + b"\n")
		    answer = json.loads(lines.readline())
		    assert not answer["ok"] and answer["error"], (bomb[:40], answer)
		control.sendall(wide.encode() + b"\n")
		assert json.loads(lines.readline())["ok"]
	END
	agent_answers
	grew_by_less_than 65536
}

@test "requests with strange values have one answer each, from users and operators" {
	agent_start
	for seed in 1 2 3; do
		figures=$(as $MALLORY python3 "$CLIENT" "$SOCKET" mutate --count 2000 --seed $seed)
		echo "user, seed $seed: $figures"
		jq -e '.asked == 2000 and .answered == 2000' <<<"$figures"
		figures=$(setpriv --reuid 47150 --regid 47150 --groups "$OPERATORS" \
			python3 "$CLIENT" "$SOCKET" mutate --count 1000 --seed $seed)
		echo "operator, seed $seed: $figures"
		jq -e '.asked == 1000 and .answered == 1000' <<<"$figures"
	done
	agent_answers
}

# idle_ones_are_gone: the attackers of the next test lost their connections.
idle_ones_are_gone() {
	[ "$(ss -xH state connected src "$SOCKET" | wc -l)" -eq 0 ]
}

@test "half a request that stays, and an answer that is not read, end after a minute" {
	agent_start
	attack $MALLORY hold --connections 20 --send '{"comm'
	attack $((MALLORY + 1)) flood --connections 20 '{"command":"status"}'
	[ "$(ss -xH state connected src "$SOCKET" | wc -l)" -eq 40 ]
	await 90 idle_ones_are_gone
	attacks_end
	said 1 "no whole request came for 60 s: connect again"
}

@test "watchers that do not read are dropped, fill no memory, and cost others no event" {
	agent_start
	watch_start
	python3 -c 'for i in range(40000): print(f"10.1.{i >> 8}.{i & 255} 02:dd:00:00:{i >> 8:02x}:{i & 255:02x}")' |
		awk '{ print $2, $1 }' | grep -v '\.0$\|\.255$' >"$SHORT/ethers"
	ak import "$SHORT/ethers" >/dev/null # memory for the table itself
	before=$(peak_kb)
	for n in 1 2 3 4 5 6 7 8; do
		attack $((MALLORY + n)) flood --connections 64 --requests 64 '{"command":"watch"}'
	done
	sed 's/ 10\.1\./ 10.2./' "$SHORT/ethers" >"$SHORT/more"
	ak import "$SHORT/more" >/dev/null
	ak unset 10.2.0.1
	await 30 grep -q '"address":"10.2.0.1".*"after":null' "$RESULT/watch.json"
	[ "$(grep -c '"task":"import".*"address":"10\.2\.' "$RESULT/watch.json")" -eq "$(wc -l <"$SHORT/more")" ]
	attacks_end
	grep -q 'a watcher of user .* does not read' "$RESULT/agent.log"
	# 40,000 entries take 10 MB; sixteen watchers may hold 8 MB.
	grew_by_less_than 40960
}

@test "members of the operators' group may change, others may not" {
	agent_start
	may_set() {
		"$@" python3 "$CLIENT" "$SOCKET" set --count 1 | jq -e '.failed == []'
	}
	may_set setpriv --reuid 47150 --regid "$OPERATORS" --clear-groups
	may_set setpriv --reuid 47150 --regid 47150 --groups "$OPERATORS"
	may_set setpriv --reuid 47150 --regid 47150 --groups "$(seq -s , 50000 51000),$OPERATORS"
	[ "$(stat -c '%a %g' "$SOCKET.operators")" = "660 $OPERATORS" ]
	refuses as 47150 python3 -c 'import socket, sys; socket.socket(socket.AF_UNIX).connect(sys.argv[1])' "$SOCKET.operators"
	run as 47150 python3 "$CLIENT" "$SOCKET" set --count 1
	says "set: only root, the agent's own user and members of the group $OPERATORS (agent.operators) may do this"
	refuses may_set setpriv --reuid 47150 --regid 47150 --groups "$(seq -s , 50000 51000)"
	for command in '"unset","address":"10.0.9.1"' '"merge","branch":"main"' '"revert","name":"x","commits":["y"]' \
		'"import","step":"begin","name":"x"' '"stop"'; do
		run as 47150 python3 - "$SOCKET" "{\"command\":$command}" <<-'END'
			import socket, sys
			control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
			control.connect(sys.argv[1])
			control.sendall(sys.argv[2].encode() + b"\n")
			print(control.makefile().readline())
		END
		says "may do this"
	done
	agent_answers
}

@test "a group that the machine does not have refuses the start, by name" {
	git config -f "$CONFIG" agent.operators no-such-group
	run ak check "$CONFIG"
	[ "$status" -eq 0 ]
	run "$ARPKEEPER" run -c "$CONFIG" --netns "$ID-keeper"
	[ "$status" -eq 1 ]
	says "agent.operators = no-such-group" "no such group" groupadd
	git config -f "$CONFIG" agent.operators nogroup
	run "$ARPKEEPER" run -c "$CONFIG" --netns "$ID-keeper"
	[ "$status" -eq 1 ]
	says "agent.operators = nogroup" "choose another"
	git config -f "$CONFIG" agent.operators 'net ops'
	run ak check "$CONFIG"
	[ "$status" -eq 1 ]
	says "operators = 'net ops' is not the name or number of a group"
	git config -f "$CONFIG" agent.operators games
	agent_start
	setpriv --reuid 47150 --regid 47150 --groups games "$ARPKEEPER" set --control "$SOCKET" 10.0.9.9 "$ELSEWHERE"
}
