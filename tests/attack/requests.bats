#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Requests that are too long, strange or not allowed, and clients that stay without asking or reading.

load control

setup() {
	attack_setup
}

teardown() {
	attack_teardown
}

@test "a request of 10 MB is refused, and memory is not kept for beginnings of requests" {
	agent_start
	memory_counts
	attack "$MALLORY" hold --fill 10000000
	attack "$MALLORY" hold --connections 60 --send '{"command":"status","x":"' --fill 1000000
	attack $((MALLORY + 1)) hold --connections 60 --send '{"command":"status","x":"' --fill 8000
	operator_is_served
	attacks_end
	said 1 "at most 8192 bytes"
	[ "$(jq .open "$RESULT/attack.1")" -eq 0 ]
	[ "$(jq .open "$RESULT/attack.2")" -eq 0 ]
	[ "$(jq .open "$RESULT/attack.3")" -eq 60 ]
	grew_by_less_than 4096
}

@test "JSON that is deep, wide or ambiguous is refused, and the agent goes on" {
	agent_start
	memory_counts
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
		figures=$(as "$MALLORY" python3 "$CLIENT" "$SOCKET" mutate --count 2000 --seed $seed)
		echo "user, seed $seed: $figures"
		jq -e '.asked == 2000 and .answered == 2000' <<<"$figures"
		figures=$(setpriv --reuid 47150 --regid 47150 --groups "$OPERATORS" \
			python3 "$CLIENT" "$SOCKET" mutate --count 1000 --seed $seed)
		echo "operator, seed $seed: $figures"
		jq -e '.asked == 1000 and .answered == 1000' <<<"$figures"
	done
	agent_answers
}

@test "what no recorder takes is refused at once, and what follows is recorded" {
	agent_start
	python3 - "$SOCKET" <<-'END'
		import json, socket, sys
		address = "10.0.0.99"
		requests = [{"command": "merge", "branch": "x" * 5000},
		            {"command": "revert", "name": "x" * 2000, "commits": ["0" * 40]},
		            {"command": "revert", "name": "x", "commits": ["0" * 41]},
		            {"command": "revert", "name": "x", "message": "a\nTask: b", "commits": ["0" * 40]},
		            {"command": "set", "address": address, "mac": "02:00:00:00:00:99", "message": "x" * 2000},
		            {"command": "unset", "address": address, "message": "x" * 2000}]
		control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		control.settimeout(60)
		control.connect(sys.argv[1])
		lines = control.makefile("rb")
		for request in requests:
		    control.sendall(json.dumps(request).encode() + b"\n")
		    answer = json.loads(lines.readline())
		    assert not answer["ok"] and answer["error"], (request["command"], answer)
		    assert "memory" not in answer["error"], answer
	END
	ak set 10.0.0.98 02:00:00:00:00:98
	[ "$(reported .recorder.restarts)" -eq 0 ]
}

# idle_ones_are_gone: the attackers of the next test lost their connections.
idle_ones_are_gone() {
	[ "$(ss -xH state connected src "$SOCKET" | wc -l)" -eq 0 ]
}

@test "half a request that stays, and an answer that is not read, end after a minute" {
	agent_start
	attack "$MALLORY" hold --connections 20 --send '{"comm'
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
	memory_counts
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
	run setpriv --reuid 47150 --regid "$OPERATORS" --clear-groups python3 - "$SOCKET" <<-'END'
		import socket, sys
		control = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		control.connect(sys.argv[1])
		control.sendall(b'{"command":"unset","address":"10.0.9.1","author":"ada"}\n')
		print(control.makefile().readline())
	END
	says "only root may name another author"
	for command in '"unset","address":"10.0.9.1"' '"merge","branch":"main"' '"revert","name":"x","commits":["y"]' \
		'"import","step":"begin","name":"x"' '"reload"' '"stop"'; do
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
