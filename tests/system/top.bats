#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# `arpkeeper top` on a terminal of its own: terminal.py draws what it writes, types, and looks.
# shellcheck disable=SC2030,SC2031 # each test is a process of its own, and so is its $AGENT

load lib.bash

setup() {
	sandbox
	export LC_ALL=C.UTF-8 TERM=xterm
	unset NO_COLOR
}

teardown() {
	sandbox_clear
}

# top_on ROWS COLUMNS [ARGUMENT...] <<STEPS
top_on() {
	"$HERE/terminal.py" --rows "$1" --columns "$2" "$ARPKEEPER" top -c "$CONFIG" "${@:3}"
}

# speak HOST: a ping that the agent hears.
speak() {
	echo "ip netns exec $ID-h$1 ping -c 1 -W 2 10.0.0.1 >/dev/null"
}

@test "a row and a change appear after a ping, and go when the address is unset" {
	pair
	agent_start
	top_on 30 120 <<-STEPS
		see ^ADDRESS.*MAC.*STATE
		see dynamic.*static
		miss ^10\.0\.0\.11
		shell $(speak 1)
		see ^10\.0\.0\.11 +$(host_mac 1) +dynamic
		see 10\.0\.0\.11.*learned at $(host_mac 1)
		see ARP frames/s: [0-9]
		shell $ARPKEEPER set -c $CONFIG 10.0.0.50 $ELSEWHERE --note 'rack 3'
		see ^10\.0\.0\.50 +$ELSEWHERE +static
		see 10\.0\.0\.50.*set to $ELSEWHERE
		see ^10\.0\.0\.50.*rack 3
		shell $ARPKEEPER unset -c $CONFIG 10.0.0.50
		miss ^10\.0\.0\.50
		save $RESULT/screen
		key q
		exit 0
	STEPS
}

# fill: a table of three declared addresses, in an order that differs by each key.
fill() {
	ak set 10.0.0.50 02:aa:aa:aa:aa:03 --note zebra
	ak set 10.0.0.60 02:aa:aa:aa:aa:01 --note yak
	ak set 10.0.0.70 02:aa:aa:aa:aa:02 --note gnu
}

@test "rows are sorted by the next key and backwards, and filtered by what is typed" {
	pair
	agent_start
	fill
	top_on 30 120 <<-STEPS
		order ^10.0.0.50 ^10.0.0.60
		order ^10.0.0.60 ^10.0.0.70
		key s
		see MAC.\^
		order ^10.0.0.60 ^10.0.0.70
		order ^10.0.0.70 ^10.0.0.50
		key r
		see MAC.v
		order ^10.0.0.50 ^10.0.0.70
		order ^10.0.0.70 ^10.0.0.60
		key /yak
		see filter:.yak
		miss ^10\.0\.0\.50
		see ^10\.0\.0\.60
		key \r
		see filter:.yak
		key \x1b
		see ^10\.0\.0\.50
		key 10.0.0.7
		miss ^10\.0\.0\.60
		see ^10\.0\.0\.70
		key x\b
		see ^10\.0\.0\.70
		key nothing
		see no.address.matches
		key \x1b
		see ^10\.0\.0\.60
		key q
		exit 0
	STEPS
}

@test "a long table scrolls, the terminal may get another size, and a prefix selects" {
	pair
	agent_start
	ak set 10.0.0.32/27 "$ELSEWHERE"
	top_on 24 100 <<-STEPS
		see ^10\.0\.0\.32
		miss ^10\.0\.0\.63
		key \x1bOF
		see ^10\.0\.0\.63
		miss ^10\.0\.0\.32
		key g
		see ^10\.0\.0\.32
		key jj
		miss ^10\.0\.0\.32
		see ^10\.0\.0\.33
		key kk
		see ^10\.0\.0\.32
		key e
		miss changes.and.alerts
		resize 60 90
		see ^10\.0\.0\.63
		see ^10\.0\.0\.32
		see q.quit
		resize 5 20
		see ADDRESS
		resize 30 100
		see ^10\.0\.0\.40
		see q.quit
		key q
		exit 0
	STEPS
	top_on 24 100 10.0.0.40-10.0.0.41 <<-STEPS
		see ^10\.0\.0\.40
		see 2.shown.of.2
		# What happens elsewhere is not shown; the third change is, and comes after the others.
		shell $ARPKEEPER unset -c $CONFIG 10.0.0.60
		shell $ARPKEEPER set -c $CONFIG 10.0.0.99 $ELSEWHERE
		shell $ARPKEEPER unset -c $CONFIG 10.0.0.41
		see 10\.0\.0\.41.*unset
		miss 10\.0\.0\.(60|99)
		see 1.shown.of.[12]
		key q
		exit 0
	STEPS
}

@test "top keeps its table while no agent is there, and goes on with the next one" {
	pair
	agent_start
	fill
	# The agent is killed, then one starts: that one is the test's to end.
	cat >"$RESULT/again" <<-END
		"$ARPKEEPER" run -c "$CONFIG" --netns "$ID-keeper" >>"$RESULT/agent.log" 2>&1 &
		echo \$! >"$RESULT/pid"
	END
	local failed=0
	top_on 30 120 <<-STEPS || failed=1
		see ^10\.0\.0\.50
		shell kill -9 $AGENT
		see no.agent:.waiting
		see the.agent.has.ended
		see ^10\.0\.0\.50
		shell bash $RESULT/again
		miss no.agent:.waiting
		see 3.shown.of|4.shown.of|5.shown.of
		shell $(speak 1)
		see ^10\.0\.0\.11 +$(host_mac 1) +dynamic
		key q
		exit 0
	STEPS
	wait "$AGENT" 2>/dev/null || true
	AGENT=$(<"$RESULT/pid")
	((failed == 0))
	ak stop
}

@test "an agent that does not answer is said to be silent, and q still quits" {
	pair
	agent_start
	fill
	local failed=0
	top_on 30 120 <<-STEPS || failed=1
		see ^10\.0\.0\.50
		shell kill -STOP $AGENT
		see has.not.answered.for
		key s
		see MAC.\^
		shell kill -CONT $AGENT
		miss has.not.answered.for
		key q
		exit 0
	STEPS
	kill -CONT "$AGENT"
	((failed == 0))
}

@test "the terminal is as it was after SIGTERM, SIGINT, Ctrl-C and the agent's end" {
	pair
	agent_start
	fill
	local signal
	for signal in TERM:-15 INT:-2 HUP:-1; do
		top_on 24 80 <<-STEPS
			see ^10\.0\.0\.50
			kill ${signal%:*}
			exit ${signal#*:}
		STEPS
	done
	top_on 24 80 <<-STEPS
		see ^10\.0\.0\.50
		key \x03
		exit -2
	STEPS
	top_on 24 80 <<-STEPS
		see ^10\.0\.0\.50
		shell kill -9 $AGENT
		see no.agent:.waiting
		key q
		exit 0
	STEPS
}

@test "controls in a note never reach the terminal" {
	pair
	agent_start
	# No entry may have such a note; what answers here is no agent.
	cat >"$RESULT/liar.py" <<-'END'
		import json, os, socket, sys, threading
		NOTE = "a\u001b[2Jb\u009b2Jc\u0007d\u202ee\u007ff\r\ng"
		def serve(peer):
		    for line in peer.makefile():
		        command = json.loads(line)["command"]
		        peer.sendall(b'{"ok": true}\n')
		        if command == "show":
		            row = {"segment": "lan", "address": "10.0.0.9", "mac": "02:00:00:00:00:09", "state": NOTE,
		                   "since": NOTE, "seen": NOTE, "origin": NOTE, "note": NOTE}
		            peer.sendall((json.dumps({"entries": [row]}) + "\n" + json.dumps({"end": True}) + "\n").encode())
		        if command == "watch":
		            event = {"time": NOTE, "type": "alert", "alert": NOTE, "segment": NOTE, "address": NOTE,
		                     "mac": NOTE, "text": NOTE, "interface": NOTE}
		            peer.sendall((json.dumps(event) + "\n").encode())
		server = socket.socket(socket.AF_UNIX)
		server.bind(sys.argv[1])
		server.listen()
		print("ready", flush=True)
		while True:
		    threading.Thread(target=serve, args=(server.accept()[0],), daemon=True).start()
	END
	agent_stop
	python3 "$RESULT/liar.py" "$SOCKET" >"$RESULT/liar.log" 2>&1 3>&- &
	BACKGROUND+=($!)
	await 10 grep -q ready "$RESULT/liar.log"
	"$HERE/terminal.py" --rows 24 --columns 200 "$ARPKEEPER" top -c "$CONFIG" <<-STEPS
		see ^10\.0\.0\.9
		see ALERT.a\?\[2Jb\?2Jc\?d
		see ^10\.0\.0\.9.*a\?\[2Jb\?2Jc\?d\?e\?f\?\?g
		raw $RESULT/raw
		key q
		exit 0
	STEPS
	refuses grep -aP 'a\x1b\[2J' "$RESULT/raw"
	refuses grep -aP '\x07|\x7f' "$RESULT/raw"
	refuses grep -aF $'\302\233' "$RESULT/raw"
	refuses grep -aF $'\342\200\256' "$RESULT/raw"
}

@test "colours are those of show, and NO_COLOR and a terminal without colours have none" {
	pair
	agent_start
	fill
	top_on 24 80 <<-STEPS
		see ^10\.0\.0\.70.*static
		raw $RESULT/coloured
		key q
		exit 0
	STEPS
	grep -aF $'\033[36mstatic' "$RESULT/coloured"
	local variable
	for variable in NO_COLOR=1 TERM=vt100; do
		env "$variable" "$HERE/terminal.py" --rows 24 --columns 80 "$ARPKEEPER" top -c "$CONFIG" <<-STEPS
			see ^10\.0\.0\.70.*static
			raw $RESULT/plain
			key q
			exit 0
		STEPS
		refuses grep -aP '\x1b\[[0-9;]*3[0-7]m' "$RESULT/plain"
	done
}

@test "at rest top uses at most 2 % of a CPU" {
	pair
	agent_start
	ak set 10.0.0.32/27 "$ELSEWHERE"
	top_on 50 150 <<-STEPS
		see ^10\.0\.0\.40
		quiet 10 0.20
		key q
		exit 0
	STEPS
}

@test "without a terminal, on an unknown one, or without an agent, top says so" {
	local status_of
	run ak top </dev/null
	((status == 2))
	says "terminal" "arpkeeper show"
	run ak top --json
	((status == 2))
	pair
	agent_start
	for status_of in TERM=no-such-terminal:2 TERM=:2 TERM=dumb:2; do
		env "${status_of%:*}" "$HERE/terminal.py" "$ARPKEEPER" top -c "$CONFIG" <<-STEPS
			see TERM
			exit ${status_of#*:}
		STEPS
	done
	top_on 24 80 nonsense <<-STEPS
		see nonsense
		exit 2
	STEPS
	agent_stop
	top_on 24 80 <<-STEPS
		see no.agent.listens
		exit 1
	STEPS
}
