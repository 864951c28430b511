#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The agent dies, and starts again: answers go on, and nothing is lost.

load lib

setup() {
	sandbox
	configure 'learn = passive' 'learn-rate = 0' # of hosts that are made up
	pair
}

teardown() {
	sandbox_clear
}

hear_from() {
	frames h1 send --spa "$1" --sha "$2" --src "$2" --tpa 10.0.0.1 --wait 0
	await 5 holds "$1" dynamic "$2"
}

# stream_start ADDRESS[,...]: 400 requests a second until $SHORT/enough is there.
stream_start() {
	frames h1 stream --spa 10.0.0.11 --tpa "$1" --rate 400 --wait 60 --until "$SHORT/enough" \
		>"$RESULT/stream.json" 3>&- &
	STREAM=$!
	BACKGROUND+=("$STREAM")
}

stream_end() {
	touch "$SHORT/enough"
	wait "$STREAM"
	cat "$RESULT/stream.json"
}

@test "answers go on while the agent is dead" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	hear_from 10.0.0.60 02:bb:bb:bb:bb:bb
	agent_kill
	answered h1 10.0.0.50 "$ELSEWHERE"
	answered h1 10.0.0.60 02:bb:bb:bb:bb:bb
}

@test "kill -9 and restart lose none of a stream of requests" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	ak set 10.0.0.51 "$ELSEWHERE"
	hear_from 10.0.0.60 02:bb:bb:bb:bb:bb
	stream_start 10.0.0.50,10.0.0.51,10.0.0.60
	for _ in 1 2 3; do
		sleep 0.3 # requests while it is alive, and while it is dead
		agent_kill
		sleep 0.3
		agent_start
	done
	sleep 0.3
	stream_end
	[ "$(jq .lost "$RESULT/stream.json")" -eq 0 ]
	[ "$(jq .sent "$RESULT/stream.json")" -gt 800 ]
	holds 10.0.0.60 dynamic 02:bb:bb:bb:bb:bb
}

@test "an orderly restart with --keep loses none either" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	stream_start 10.0.0.50
	sleep 0.3
	agent_stop --keep
	sleep 0.3
	agent_start
	sleep 0.3
	stream_end
	[ "$(jq .lost "$RESULT/stream.json")" -eq 0 ]
}

# unit_command NAME KEY: the command of that unit, for this build and the sandbox.
unit_command() {
	sed -n "s/^$2=-\\{0,1\\}//p" "$ROOT/docs/$1.service" |
		sed "s|@PREFIX@/sbin/arpkeeper|$ARPKEEPER|; s|/etc/arpkeeper.conf|$CONFIG|"
}

@test "the unit's commands restart the agent and lose none; stopped for good, the program is off" {
	local start stop
	start="$(unit_command arpkeeper ExecStart) --netns $ID-keeper"
	stop=$(unit_command arpkeeper ExecStop)
	[[ $stop == *--keep* && $(grep -c ^StopWhenUnneeded=yes "$ROOT/docs/arpkeeper-offload.service") == 1 ]]
	# shellcheck disable=SC2086 # words
	for _ in 1 2; do
		$start >>"$RESULT/agent.log" 2>&1 3>&- &
		AGENT=$!
		await 20 agent_answers
		if [[ -z ${STREAM:-} ]]; then
			ak set 10.0.0.50 "$ELSEWHERE"
			stream_start 10.0.0.50
		fi
		sleep 0.3 # requests while it is alive, and while it is not
		$stop
		wait "$AGENT"
		sleep 0.3
	done
	stream_end
	[ "$(jq .lost "$RESULT/stream.json")" -eq 0 ]
	answered h1 10.0.0.50 "$ELSEWHERE"
	$(unit_command arpkeeper-offload ExecStop) --netns "$ID-keeper"
	unanswered h1 10.0.0.50
	[[ -z $(xdp_mode) && ! -e $PINS ]]
}

@test "without an agent, status and stats say what still answers, and what to do" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	hear_from 10.0.0.60 02:bb:bb:bb:bb:bb
	agent_kill
	answered h1 10.0.0.50 "$ELSEWHERE"
	run ak status --netns "$ID-keeper"
	((status == 1))
	says "$PINS, since" 'learned ones for' lan0 attached generic 'arpkeeper run' 'arpkeeper detach'
	[[ $(ak status --json --netns "$ID-keeper" 2>/dev/null |
		jq -c '[.agent, .table.static, .table.dynamic, .ports[0].attached]') == '[false,1,1,true]' ]]
	[[ $(ak stats --json 2>/dev/null | jq .counters.answered) -ge 1 ]]
	run ak stats --prometheus
	((status == 1))
	says 'arpkeeper_answered_total'
	run ak status # the interface is elsewhere
	says 'not in this network namespace'
	ak detach --netns "$ID-keeper"
	run ak status
	((status == 1))
	says 'no agent listens' 'arpkeeper run'
	refuses grep -q "$PINS" <<<"$output"
}

@test "watch --follow waits for an agent, and for the next one" {
	"$ARPKEEPER" watch -c "$CONFIG" --follow --json >"$RESULT/watch.json" 3>&- & # not ak: its process is the one to end
	BACKGROUND+=($!)
	await 5 grep -q 'no agent is there' "$RESULT/watch.json"
	agent_start
	await 10 watching
	agent_stop
	await 5 grep -q 'the agent has ended' "$RESULT/watch.json"
	: >"$RESULT/watch.json"
	agent_start
	await 10 watching
}

@test "the watchdog: learned bindings fall silent with the agent dead, static ones go on" {
	AGENT_LINES='silence = 2s' configure 'learn = passive' 'learn-rate = 0'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	hear_from 10.0.0.60 02:bb:bb:bb:bb:bb
	agent_kill
	answered h1 10.0.0.60 02:bb:bb:bb:bb:bb
	await 10 unanswered h1 10.0.0.60
	answered h1 10.0.0.50 "$ELSEWHERE"
	agent_start
	await 5 answered h1 10.0.0.60 02:bb:bb:bb:bb:bb
	[ "$(counter pass_watchdog)" -ge 1 ]
}

@test "after kill -9 the table and its history are as before" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE" --note 'rack 3'
	hear_from 10.0.0.60 02:bb:bb:bb:bb:bb
	await 5 at_rest
	since=$(entry 10.0.0.50 since)
	before=$(tip)
	agent_kill
	agent_start
	holds 10.0.0.50 static "$ELSEWHERE"
	[ "$(entry 10.0.0.50 note)" = 'rack 3' ]
	[ "$(entry 10.0.0.50 since)" = "$since" ]
	holds 10.0.0.60 dynamic || holds 10.0.0.60 stale
	git -C "$REPO" merge-base --is-ancestor "$before" main
	await 5 at_rest
	[ "$(xdp_mode)" = xdpgeneric ]
}

@test "what another process wrote into the map while the agent was dead is recorded as recover" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	ak set 10.0.0.51 "$ELSEWHERE"
	agent_kill
	write_slot 10.0.0.70 02:bb:bb:bb:bb:70 2 1
	write_slot 10.0.0.51 - 0 0
	agent_start
	holds 10.0.0.70 static 02:bb:bb:bb:bb:70
	lacks 10.0.0.51
	await 5 at_rest
	has_commit recover
}

@test "the agent applies at its start what was pushed into main while it was dead" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	clone
	agent_kill
	write_entry 10.0.0.80 02:bb:bb:bb:bb:80
	git -C "$CLONE" commit -qm 'while it was away'
	git -C "$CLONE" push -q origin HEAD:main
	agent_start
	await 5 holds 10.0.0.80 static 02:bb:bb:bb:bb:80
	answered h1 10.0.0.80 02:bb:bb:bb:bb:80
	await 5 at_rest
}

@test "the agent merges at its start a merge request pushed while it was dead" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	clone
	agent_kill
	write_entry 10.0.0.81 02:bb:bb:bb:bb:81
	git -C "$CLONE" commit -qm 'while it was away'
	git -C "$CLONE" push origin HEAD:merge/later
	agent_start
	await 10 holds 10.0.0.81 static 02:bb:bb:bb:bb:81
	await 5 at_rest
	[ -z "$(git -C "$REPO" for-each-ref refs/heads/merge/)" ]
}

@test "without its pins, the table comes back from history" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	hear_from 10.0.0.60 02:bb:bb:bb:bb:bb
	await 5 at_rest
	agent_stop # a reboot, as far as the map is concerned
	[ ! -e "$PINS" ]
	agent_start
	holds 10.0.0.50 static "$ELSEWHERE"
	answered h1 10.0.0.50 "$ELSEWHERE"
	await 5 at_rest
}

@test "a prefix added to the configuration keeps what the table held" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	agent_kill
	configure 'prefix = 10.0.1.0/24'
	agent_start
	holds 10.0.0.50 static "$ELSEWHERE"
	answered h1 10.0.0.50 "$ELSEWHERE"
	ak set 10.0.1.9 "$ELSEWHERE"
	recorded 10.0.1.9 "$ELSEWHERE" static
}
