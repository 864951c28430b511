#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The disk fails: the program answers all the time, and the agent says what is wrong and what to do.
# It keeps what it cannot write, and writes it when the disk works again, without a restart.

load lib

setup() {
	sandbox
	configure 'learn = passive' 'learn-rate = 0' # of hosts that are made up
	pair
}

teardown() {
	sandbox_clear
}

# keeper_on SIZE: the repository is on a small file system of its own.
keeper_on() {
	mkdir -p "$SHORT/disk"
	mount -t tmpfs -o "size=$1" arpkeeper-test "$SHORT/disk"
	MOUNTS+=("$SHORT/disk")
	REPO=$SHORT/disk/history.git
	configure 'learn = passive' 'learn-rate = 0'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
}

# troubled TEXT...: status and metric say that history cannot be written, and each TEXT.
troubled() {
	local trouble text
	trouble=$(reported '.repository.trouble // ""')
	[[ -n $trouble ]] || return 1
	for text; do
		grep -qiF -- "$text" <<<"$trouble" || return 1
	done
	look stats --prometheus | grep -qx 'arpkeeper_history_trouble 1'
}

untroubled() {
	[[ $(reported '.repository.trouble // ""') == '' ]] &&
		[[ $(reported '.repository.queued') == 0 ]] &&
		look stats --prometheus | grep -qx 'arpkeeper_history_trouble 0'
}

# While the disk fails: known addresses are answered, new ones are learned and answered, and `set` says
# why it is not durable.
goes_on() {
	answered h1 10.0.0.50 "$ELSEWHERE"
	frames h1 send --spa 10.0.0.60 --sha 02:bb:bb:bb:bb:60 --src 02:bb:bb:bb:bb:60 --tpa 10.0.0.1 --wait 0
	await 5 holds 10.0.0.60 dynamic
	answered h1 10.0.0.60 02:bb:bb:bb:bb:60
	run ak set 10.0.0.51 "$ELSEWHERE"
	[ "$status" -eq 1 ]
	says 'not recorded yet' 'nothing is lost' "$@"
	answered h1 10.0.0.51 "$ELSEWHERE"
	grep -q 'error: history cannot be written' "$RESULT/agent.log"
}

# Afterwards: everything is there, and no transition is missing.
caught_up() {
	await 15 untroubled
	recorded 10.0.0.51 "$ELSEWHERE" static
	recorded 10.0.0.60 02:bb:bb:bb:bb:60 dynamic
	await 5 at_rest
	grep -Eq 'history is written again|files of the history have changed' "$RESULT/agent.log"
	git -C "$REPO" fsck --strict
	ak set 10.0.0.52 "$ELSEWHERE"
	recorded 10.0.0.52
}

@test "on a full disk the agent answers, set says why it waits, and all is recorded when there is room" {
	keeper_on 2m
	dd if=/dev/zero of="$SHORT/disk/filler" bs=4k 2>/dev/null || true
	goes_on 'no space left'
	troubled 'no space left' "$REPO"
	rm "$SHORT/disk/filler"
	caught_up
	[ -z "$(find "$REPO" -name 'incoming*' -o -name '*.lock' -not -name arpkeeper.lock -not -name upkeep.lock)" ]
}

@test "on a read-only file system the agent answers, and records all later" {
	keeper_on 8m
	# Laid over itself, since what the agent holds open would forbid a plain remount.
	mount --bind "$SHORT/disk" "$SHORT/disk"
	MOUNTS=("$SHORT/disk" "$SHORT/disk")
	mount -o remount,bind,ro "$SHORT/disk"
	goes_on 'read-only'
	troubled 'read-only' "$REPO"
	mount -o remount,bind,rw "$SHORT/disk"
	caught_up
}

@test "without permission to write the agent answers, and records all later" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	chmod -R a-w "$REPO"
	goes_on 'permission denied'
	troubled 'permission denied' "$REPO"
	chmod -R u+w "$REPO"
	caught_up
}

@test "without free file descriptors the agent answers, and records all later" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	# Those below are in use: none can be opened, whichever is closed.
	prlimit --pid "$(recorder)" --nofile=3:1024
	frames h1 send --spa 10.0.0.60 --sha 02:bb:bb:bb:bb:60 --src 02:bb:bb:bb:bb:60 --tpa 10.0.0.1 --wait 0
	await 5 answered h1 10.0.0.60 02:bb:bb:bb:bb:60
	await 5 grep -qi 'history cannot be written.*too many open files' "$RESULT/agent.log"
	answered h1 10.0.0.50 "$ELSEWHERE"
	unrecorded 10.0.0.60
	prlimit --pid "$(recorder)" --nofile=1024:1024
	ak set 10.0.0.51 "$ELSEWHERE"
	caught_up
}

@test "the agent names the lock that a dead git process left, says what to do, and records all later" {
	# However long the path is, what to do is said after it.
	REPO=$RESULT/$(printf 'deep%.0s' {1..30})/history.git
	mkdir -p "${REPO%/*}"
	configure 'learn = passive' 'learn-rate = 0'
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	touch -d '1 minute ago' "$REPO/refs/heads/main.lock"
	goes_on refs/heads/main.lock 'remove it'
	troubled refs/heads/main.lock 'remove it'
	rm "$REPO/refs/heads/main.lock"
	caught_up
	touch -d '1 minute ago' "$REPO/packed-refs.lock"
	ak set 10.0.0.54 "$ELSEWHERE" 3>&- &
	BACKGROUND+=($!)
	await 5 troubled packed-refs.lock 'remove it'
	answered h1 10.0.0.54 "$ELSEWHERE"
	rm "$REPO/packed-refs.lock"
	# The command waits five seconds for it; on a slow machine it has given up by now.
	wait "${BACKGROUND[-1]}" || await 15 untroubled
	recorded 10.0.0.54
	# One of the agent's own, as an exchange leaves it that is killed, is in no way.
	echo 'arpkeeper 1' >"$REPO/packed-refs.lock"
	ak set 10.0.0.55 "$ELSEWHERE"
	recorded 10.0.0.55
	[[ ! -e $REPO/packed-refs.lock ]]
	untroubled
	# These block nothing.
	touch "$REPO/HEAD.lock" "$REPO/config.lock"
	ak set 10.0.0.53 "$ELSEWHERE"
	recorded 10.0.0.53
	rm "$REPO/HEAD.lock" "$REPO/config.lock"
	# A git process that was killed after the agent had stopped. The next agent removes its lock.
	agent_stop
	touch "$REPO/refs/heads/main.lock"
	agent_start
	grep -q 'refs/heads/main.lock was left by a process that died: removed' "$RESULT/agent.log"
	ak set 10.0.0.52 "$ELSEWHERE"
	recorded 10.0.0.52
}

# rewrite ROUNDS: gives 1000 addresses a new MAC, as often, slower than the agent looks.
rewrite() {
	python3 -B - "$ROOT/tests/soak" "$PINS/neigh_slots" "$1" <<-'EOT'
		import sys, time
		sys.path.insert(0, sys.argv[1])
		from rig import STATIC, Slots
		slots = Slots(sys.argv[2], 1024)
		for turn in range(int(sys.argv[3])):
		    for host in range(22, 1022):
		        slots.write(host, f"02:cc:00:{turn:02x}:{host >> 8:02x}:{host & 255:02x}", STATIC)
		    time.sleep(0.3)
	EOT
}

dropped() {
	(($(reported .repository.dropped) > 0))
}

@test "a full backlog drops and counts transitions, but no final state and no promised change" {
	# shellcheck disable=SC2034 # configure and at_rest read it
	LAN=10.0.0.0/22
	configure
	git config -f "$CONFIG" history.backlog 1000
	agent_start
	ak set 10.0.0.2 "$ELSEWHERE"
	touch -d '1 minute ago' "$REPO/packed-refs.lock"
	ak set 10.0.0.3 "$ELSEWHERE" 3>&- &
	BACKGROUND+=($!)
	rewrite 16 # for longer than it waits between two tries
	await 5 dropped
	grep -q 'transitions are dropped' "$RESULT/agent.log"
	run ak status
	says dropped
	run ak stats --prometheus
	grep -Eqx 'arpkeeper_history_dropped_total [1-9][0-9]*' <<<"$output"
	answered h1 10.0.3.253 02:cc:00:0f:03:fd
	rm "$REPO/packed-refs.lock"
	await 15 untroubled
	await 5 at_rest
	recorded 10.0.0.3 "$ELSEWHERE" static
	recorded 10.0.3.253 02:cc:00:0f:03:fd static
}

# a_pack: the biggest pack of the repository.
a_pack() {
	find "$REPO/objects/pack" -name '*.pack' -printf '%s %p\n' | sort -n | tail -n 1 | cut -d' ' -f2
}

# content: each file of the repository with its state, but for the lock and the settings.
content() {
	find "$REPO" -mindepth 1 -not -name arpkeeper.lock -not -name config -printf '%p %s %T@ %i\n' | sort
}

# goes_on_damaged: an agent starts, and answers from the map. Status, log and an alert say what is lost and
# what to do; nothing is written.
goes_on_damaged() {
	local before
	before=$(content)
	agent_start
	answered h1 10.0.0.50 "$ELSEWHERE"
	await 5 troubled 'history is damaged' 'cannot be read' 'arpkeeper repair --from' 'arpkeeper repair --new'
	grep -q 'warning: recorder: history is damaged, and cannot be read.*arpkeeper repair --from.*--new' "$RESULT/agent.log"
	goes_on 'history is damaged'
	diff <(echo "$before") <(content)
}

@test "with a missing pack recording goes on; a start answers from the map, and records all when it is back" {
	local pack
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	ak set 10.0.0.53 02:bb:bb:bb:bb:53
	git -C "$REPO" repack -adq
	pack=$(a_pack)
	mv "$pack" "$SHORT/pack"
	answered h1 10.0.0.50 "$ELSEWHERE"
	ak set 10.0.0.54 "$ELSEWHERE"
	agent_kill
	goes_on_damaged
	holds 10.0.0.53 static
	holds 10.0.0.54 static
	mv "$SHORT/pack" "$pack"
	caught_up
	recorded 10.0.0.53
	recorded 10.0.0.54
	await 5 incident_says 'history is damaged' # recorded when it could be
}

@test "without the map, a start with a missing pack answers what can be read, and takes nothing else for removed" {
	local pack
	agent_start
	ak set 10.0.0.53 02:bb:bb:bb:bb:53
	git -C "$REPO" repack -adq
	pack=$(a_pack)
	# A folder of its own, in another pack.
	ak set 10.0.0.54 "$ELSEWHERE"
	agent_stop
	mv "$pack" "$SHORT/pack"
	agent_start
	await 5 holds 10.0.0.54 static
	answered h1 10.0.0.54 "$ELSEWHERE"
	lacks 10.0.0.53
	await 5 troubled 'history is damaged' "$(path_of 10.0.0.53)"
	mv "$SHORT/pack" "$pack"
	await 15 untroubled
	await 5 holds 10.0.0.53 static
	recorded 10.0.0.53
	answered h1 10.0.0.53 02:bb:bb:bb:bb:53
	await 5 at_rest
}

@test "with a corrupt pack a start answers from the map, and repair --from a backup makes the repository whole" {
	local pack size offset
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	ak set 10.0.0.53 02:bb:bb:bb:bb:53
	git -C "$REPO" repack -adq
	git clone -q --mirror --no-hardlinks "$REPO" "$SHORT/backup.git"
	pack=$(a_pack)
	size=$(stat -c %s "$pack")
	chmod u+w "$pack"
	# Every byte but head and checksum. The second time each object claims to be a commit of 2^45 bytes.
	dd if=/dev/urandom of="$pack" bs=1 seek=12 count=$((size - 32)) conv=notrunc 2>/dev/null
	answered h1 10.0.0.50 "$ELSEWHERE"
	ak set 10.0.0.54 "$ELSEWHERE"
	agent_kill
	goes_on_damaged
	agent_stop --keep || true # some changes are not recorded
	for offset in $(git -C "$REPO" show-index <"${pack%.pack}.idx" | cut -d' ' -f1); do
		printf '\x90\x80\x80\x80\x80\x80\x40' | dd of="$pack" bs=1 seek="$offset" conv=notrunc 2>/dev/null
	done
	goes_on_damaged
	run ak repair
	[ "$status" -eq 1 ]
	says 'missing' 'repair --from' 'repair --new'
	run ak repair --from "$SHORT/backup.git"
	echo "$output"
	[ "$status" -eq 0 ]
	says 'whole again' "$REPO/damaged"
	caught_up
	recorded 10.0.0.53
	recorded 10.0.0.54
	[ -e "$REPO/damaged/${pack##*/}" ]
	run ak repair
	[ "$status" -eq 1 ]
	says 'in use'
}

@test "repair --new begins a new history with the table, and keeps the old one aside" {
	local pack before
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	ak set 10.0.0.53 02:bb:bb:bb:bb:53
	git -C "$REPO" repack -adq
	pack=$(a_pack)
	ak set 10.0.0.54 "$ELSEWHERE"
	before=$(tip)
	agent_kill
	rm -f "$pack"
	goes_on_damaged
	run ak repair --new
	echo "$output"
	[ "$status" -eq 0 ]
	says "$REPO.kept-"
	caught_up
	recorded 10.0.0.53
	recorded 10.0.0.54
	[ "$(git -C "$REPO".kept-* rev-parse main)" = "$before" ]
	refuses git -C "$REPO" cat-file -e "$before"
}

@test "without an agent, repair --new takes over what can be read" {
	local pack
	agent_start
	ak set 10.0.0.53 02:bb:bb:bb:bb:53
	git -C "$REPO" repack -adq
	pack=$(a_pack)
	ak set 10.0.0.54 "$ELSEWHERE"
	agent_stop
	mv "$pack" "$SHORT/pack"
	ak repair --new
	recorded 10.0.0.54
	unrecorded 10.0.0.53
	git -C "$REPO" fsck --strict
	agent_start
	answered h1 10.0.0.54 "$ELSEWHERE"
	await 5 at_rest
}

@test "root's repair leaves a repository to its owner" {
	agent_start
	ak set 10.0.0.53 02:bb:bb:bb:bb:53
	agent_stop
	git -C "$REPO" repack -adq
	chmod 755 "$SHORT"
	cp -r "$REPO" "$SHORT/r.git"
	cp -r "$REPO" "$SHORT/backup.git"
	rm -f "$SHORT"/r.git/objects/pack/*.pack
	chown -R nobody:nogroup "$SHORT/r.git" "$SHORT/backup.git"
	run "$ARPKEEPER" repair --repo "$SHORT/r.git"
	[ "$status" -eq 1 ]
	says 'git fsck' 'repair --from'
	# What is fetched is put beside it first.
	chown nobody:nogroup "$SHORT"
	"$ARPKEEPER" repair --repo "$SHORT/r.git" --from "$SHORT/backup.git"
	[ -z "$(find "$SHORT/r.git" -not -user nobody)" ]
	git -c safe.directory='*' -C "$SHORT/r.git" fsck --strict
}
