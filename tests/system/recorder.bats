#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The recorder is a process of its own. It ends, hangs, or loses its keeper: the program answers, the rules go
# on, and nothing that was acknowledged is lost, missing or recorded twice.

load lib

setup() {
	sandbox
	configure 'learn = passive' 'learn-rate = 0' # of hosts that are made up
	pair
}

teardown() {
	sandbox_clear
}

restarts() {
	[[ $(look status --json) =~ \"recorder\":\ \{[^}]*\"pid\":\ [1-9][0-9]*,[^}]*\"restarts\":\ $1, ]]
}

untroubled() {
	[[ $(look status --json) == *'"trouble": null'* ]]
}

troubled() {
	look status --json | grep -qi "\"trouble\": \".*$1"
}

ended() {
	! kill -0 "$1" 2>/dev/null
}

hear_from() {
	frames h1 send --spa "$1" --sha "$2" --src "$2" --tpa 10.0.0.1 --wait 0
	await 5 holds "$1" dynamic "$2"
}

has_alerts() {
	(($(incidents "$1") == $2))
}

@test "a recorder that is killed is started again: answers go on, status and one alert say so" {
	local pid
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	pid=$(recorder)
	[ "$pid" -ne "$AGENT" ]
	[ "$(<"/proc/$pid/comm")" = arpkeeper-rec ]
	kill -9 "$pid"
	answered h1 10.0.0.50 "$ELSEWHERE"
	hear_from 10.0.0.60 02:bb:bb:bb:bb:60
	answered h1 10.0.0.60 02:bb:bb:bb:bb:60
	await 5 restarts 1
	await 5 untroubled
	[ "$(recorder)" -ne "$pid" ]
	ak set 10.0.0.51 "$ELSEWHERE"
	recorded 10.0.0.51 "$ELSEWHERE" static
	await 5 recorded 10.0.0.60 02:bb:bb:bb:bb:60 dynamic
	await 5 at_rest
	await 5 has_alerts recorder 1
	grep -q 'recorder: the recorder ended: signal 9' "$RESULT/agent.log"
	[ "$(commits recover)" -eq 0 ]
	git -C "$REPO" fsck --strict
}

@test "while it is killed again and again, each transition is recorded, and once" {
	agent_start
	run "$HERE/transitions.py" "$SOCKET" "$REPO" 25
	echo "$output"
	[ "$status" -eq 0 ]
	await 5 at_rest
	[ "$(commits recover)" -eq 0 ]
	git -C "$REPO" fsck --strict
}

@test "without the starter of recorders the agent goes on, and says what to do" {
	local pid starter
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	pid=$(recorder)
	starter=$(ps -o ppid= -p "$pid" | tr -d ' ')
	[ "$starter" -ne "$AGENT" ]
	kill -9 "$starter"
	# The recorder is still there.
	ak set 10.0.0.51 "$ELSEWHERE"
	kill -9 "$pid"
	await 5 troubled 'restart the agent'
	answered h1 10.0.0.51 "$ELSEWHERE"
	hear_from 10.0.0.60 02:bb:bb:bb:bb:60
	agent_kill
	agent_start
	holds 10.0.0.51 static "$ELSEWHERE"
	await 5 recorded 10.0.0.60 02:bb:bb:bb:bb:60
	await 5 at_rest
}

@test "status and a waiting set say that a recorder hangs; it is ended and replaced, and nothing is lost" {
	local pid
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	pid=$(recorder)
	kill -STOP "$pid"
	ak set 10.0.0.51 "$ELSEWHERE" >"$RESULT/set.out" 2>&1 3>&- &
	BACKGROUND+=($!)
	await 5 answered h1 10.0.0.51 "$ELSEWHERE"
	answered h1 10.0.0.50 "$ELSEWHERE"
	hear_from 10.0.0.60 02:bb:bb:bb:bb:60
	await 20 troubled 'has not answered'
	refuses wait "${BACKGROUND[-1]}"
	run cat "$RESULT/set.out"
	says 'not recorded yet' 'the recorder has not answered' 'nothing is lost'
	await 60 restarts 1
	await 10 recorded 10.0.0.51 "$ELSEWHERE" static
	ended "$pid"
	await 5 at_rest
	grep -q 'it did not answer for' "$RESULT/agent.log"
}

# One of its threads waits for ever; the recorder's own still answers the keeper.
@test "a recorder whose history hangs is ended and replaced with an alert, and nothing is lost" {
	local pid
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	pid=$(recorder)
	"$HERE/hang.py" "$pid" arpkeeper-hist >"$RESULT/hang.out" 2>&1 3>&- &
	BACKGROUND+=($!)
	await 5 grep -q hangs "$RESULT/hang.out"
	ak set 10.0.0.51 "$ELSEWHERE" >"$RESULT/set.out" 2>&1 3>&- &
	BACKGROUND+=($!)
	await 5 answered h1 10.0.0.51 "$ELSEWHERE"
	await 90 restarts 1
	await 10 recorded 10.0.0.51 "$ELSEWHERE" static
	wait "${BACKGROUND[-1]}"
	ended "$pid"
	await 5 at_rest
	await 5 has_alerts recorder 1
	grep -q "recorder: the recorder ended: history's thread hung for 6. s" "$RESULT/agent.log"
}

# behind_for SECONDS: a change waits for so long to be durable.
behind_for() {
	look stats --json | jq -e ".history.behind_seconds >= $1"
}

# It waits for more than the 5 s after which it hears of trouble; this one lasts for less.
@test "a client that waits is not told of a recorder that another one replaces" {
	local pid
	agent_start
	pid=$(recorder)
	kill -STOP "$pid"
	ak set 10.0.0.51 "$ELSEWHERE" >"$RESULT/set.out" 2>&1 3>&- &
	BACKGROUND+=($!)
	await 10 behind_for 6
	exec 9<"$REPO/arpkeeper.lock"
	kill -9 "$pid"
	flock 9
	await 5 troubled 'the recorder ended'
	await 5 behind_for 8
	exec 9<&-
	wait "${BACKGROUND[-1]}"
	recorded 10.0.0.51 "$ELSEWHERE" static
}

# first_recorders NUMBER: starts an agent whose recorders wait for the repository, and kills so many.
first_recorders() {
	local killed=0 last='' starter pid
	agent_start
	agent_stop
	exec 9<"$REPO/arpkeeper.lock"
	flock 9
	"$ARPKEEPER" run -c "$CONFIG" --netns "$ID-keeper" >>"$RESULT/agent.log" 2>&1 3>&- 9>&- &
	AGENT=$!
	until starter=$(pgrep -P "$AGENT" -x arpkeeper-start); do :; done
	while ((killed < $1)) && kill -0 "$AGENT"; do
		read -r pid _ <"/proc/$starter/task/$starter/children" || true # the line does not end
		[[ $pid && $pid != "$last" ]] || continue
		kill -9 "$pid"
		last=$pid killed=$((killed + 1))
	done
	exec 9<&-
}

@test "a first recorder that ends before it has read all is followed by another, and by an alert" {
	first_recorders 2
	await 20 agent_answers
	grep -q 'the recorder ended while it started: signal 9 .*another one is started' "$RESULT/agent.log"
	ak set 10.0.0.50 "$ELSEWHERE"
	recorded 10.0.0.50 "$ELSEWHERE" static
	await 5 has_alerts recorder 1
	[ "$(commits recover)" -eq 0 ]
}

@test "recorders that always end before they have read all fail the start, which says how they ended" {
	local status=0
	first_recorders 5
	wait "$AGENT" || status=$?
	AGENT=''
	((status == 1))
	tail -n 1 "$RESULT/agent.log" | grep -q 'the recorder ended while it started: signal 9 (Killed)'
	[[ -z $(xdp_mode) ]]
}

@test "a recorder whose keeper is killed records what it has, and ends" {
	local pid
	agent_start
	pid=$(recorder)
	for host in 50 51 52 53; do
		hear_from "10.0.0.$host" "02:bb:bb:bb:bb:$host"
	done
	ak set 10.0.0.54 "$ELSEWHERE"
	agent_kill
	await 15 ended "$pid"
	recorded 10.0.0.54 "$ELSEWHERE" static
	git -C "$REPO" fsck --strict
	agent_start
	holds 10.0.0.54 static "$ELSEWHERE"
	await 5 at_rest
}

@test "keeper and recorder are killed: the next agent loses nothing" {
	local pid
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE" --note 'rack 3'
	hear_from 10.0.0.60 02:bb:bb:bb:bb:60
	pid=$(recorder)
	kill -9 "$AGENT" "$pid"
	wait "$AGENT" 2>/dev/null || true
	AGENT=''
	answered h1 10.0.0.50 "$ELSEWHERE"
	agent_start
	[ "$(entry 10.0.0.50 note)" = 'rack 3' ]
	holds 10.0.0.60 dynamic || holds 10.0.0.60 stale
	await 5 at_rest
	git -C "$REPO" fsck --strict
}

@test "what a full disk holds up survives the recorder, every transition of it" {
	mkdir -p "$SHORT/disk"
	mount -t tmpfs -o size=2m arpkeeper-test "$SHORT/disk"
	MOUNTS+=("$SHORT/disk")
	REPO=$SHORT/disk/history.git
	configure 'learn = passive' 'learn-rate = 0'
	agent_start
	ak set 10.0.0.50 02:bb:bb:bb:bb:01
	dd if=/dev/zero of="$SHORT/disk/filler" bs=4k 2>/dev/null || true
	# There and back: the last value is that of the disk.
	for mac in 02 03 01; do
		ak set 10.0.0.50 "02:bb:bb:bb:bb:$mac" 3>&- &
		BACKGROUND+=($!)
		await 5 holds 10.0.0.50 static "02:bb:bb:bb:bb:$mac"
	done
	kill -9 "$(recorder)"
	answered h1 10.0.0.50 02:bb:bb:bb:bb:01
	# None can start there either.
	await 5 troubled 'no space left'
	rm "$SHORT/disk/filler"
	await 40 untroubled
	ak set 10.0.0.51 "$ELSEWHERE"
	await 5 at_rest
	run git -C "$REPO" log --format= -p --reverse main -- "$(path_of 10.0.0.50)"
	[ "$(grep -c '^+mac' <<<"$output")" -eq 4 ]
	[ "$(commits recover)" -eq 0 ]
}

@test "what was pushed while no recorder ran is merged into the running table" {
	local pid
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	clone
	write_entry 10.0.0.80 02:bb:bb:bb:bb:80
	git -C "$CLONE" commit -qm 'while it was away'
	pid=$(recorder)
	kill -STOP "$pid"
	git -C "$REPO" fetch -q "$CLONE" HEAD
	git -C "$REPO" update-ref refs/heads/main FETCH_HEAD
	kill -9 "$pid"
	await 10 holds 10.0.0.80 static 02:bb:bb:bb:bb:80
	answered h1 10.0.0.80 02:bb:bb:bb:bb:80
	await 5 at_rest
}

@test "an import goes on over the end of its recorder" {
	agent_start
	for host in {30..180}; do
		echo "02:cc:00:00:00:$(printf %02x "$host") 10.0.0.$host"
	done >"$RESULT/list"
	ak import --format ethers "$RESULT/list" >"$RESULT/import.out" 3>&- &
	BACKGROUND+=($!)
	kill -9 "$(recorder)"
	wait "${BACKGROUND[-1]}"
	recorded 10.0.0.180 02:cc:00:00:00:b4 static
	await 5 at_rest
	git -C "$REPO" fsck --strict
}

# By a child, in the sandbox.
@test "a recorder signs its commits if the repository is configured so" {
	agent_start
	agent_stop
	ssh-keygen -q -t ed25519 -N '' -f "$REPO/arpkeeper/signing-key"
	chown --reference="$REPO" "$REPO/arpkeeper/signing-key"
	git -C "$REPO" config commit.gpgSign true
	git -C "$REPO" config gpg.format ssh
	git -C "$REPO" config user.signingKey arpkeeper/signing-key
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	echo "* $(cat "$REPO/arpkeeper/signing-key.pub")" >"$SHORT/signers"
	git -C "$REPO" -c gpg.ssh.allowedSignersFile="$SHORT/signers" verify-commit main
}

@test "stop records what waits for a recorder" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	kill -9 "$(recorder)"
	hear_from 10.0.0.60 02:bb:bb:bb:bb:60
	agent_stop --keep
	recorded 10.0.0.60 02:bb:bb:bb:bb:60 dynamic
}

@test "stop records what a recorder, killed after it was told to record, left" {
	local recorder
	agent_start
	recorder=$(recorder)
	kill -STOP "$recorder"
	hear_from 10.0.0.60 02:bb:bb:bb:bb:60
	ak stop --keep 3>&- &
	BACKGROUND+=($!)
	await 5 grep -q 'stop --keep by' "$RESULT/agent.log"
	kill -9 "$recorder"
	wait "$!"
	wait "$AGENT"
	AGENT=''
	recorded 10.0.0.60 02:bb:bb:bb:bb:60 dynamic
}
