#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The six invariants of history, each with a test of its own. (Others test them too: each test
# ends with git fsck --strict, and most compare table and tree.)

load lib

setup() {
	sandbox
	pair
}

teardown() {
	sandbox_clear
}

# churn FIRST LAST: sets, changes and unsets addresses until it is ended; errors are expected
# when the agent is killed.
churn() {
	trap exit TERM # when the command under way has ended
	local n round=0
	while true; do
		round=$((round + 1))
		for ((n = $1; n <= $2; n++)); do
			ak set "10.0.0.$n" "$(printf '02:00:00:00:%02x:%02x' "$((round % 250))" "$n")" || true
			((n % 3)) || ak unset "10.0.0.$n" || true
		done
	done >/dev/null 2>&1
}

churn_start() {
	churn "$@" 3>&- &
	CHURN=$!
	BACKGROUND+=("$CHURN")
}

churn_end() {
	kill "$CHURN"
	wait "$CHURN" 2>/dev/null || true
}

# commits_above N: main has more than N commits.
commits_above() {
	(($(git -C "$REPO" rev-list --count main) > $1))
}

@test "invariant 1: at rest, main's tree and the map's durable part are equal" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	ak set 10.0.0.51 "$ELSEWHERE"
	frames h1 send --spa 10.0.0.11 --tpa 10.0.0.99 --wait 0
	write_slot 10.0.0.70 02:bb:bb:bb:bb:70 1 1
	clone
	write_entry 10.0.0.80 02:bb:bb:bb:bb:80
	git -C "$CLONE" rm -q "$(path_of 10.0.0.51)"
	git -C "$CLONE" commit -qm 'both ways'
	git -C "$CLONE" push -q origin HEAD:merge/both
	await 5 recorded 10.0.0.11
	await 5 recorded 10.0.0.70
	await 5 at_rest
	run "$HERE/table" tree "$REPO"
	[ "${#lines[@]}" -eq 4 ]
	says "10.0.0.11 $(host_mac 1) dynamic" "10.0.0.50 $ELSEWHERE static" \
		"10.0.0.70 02:bb:bb:bb:bb:70 dynamic" "10.0.0.80 02:bb:bb:bb:bb:80 static"
	[ "$(git -C "$REPO" rev-parse refs/arpkeeper/applied)" = "$(tip)" ]
}

@test "invariant 2: git fsck --strict is clean after a kill at any moment" {
	local n count=0
	for n in 1 2 3 4 5 6; do
		agent_start
		churn_start 100 120
		await 10 commits_above $((count + 3))
		sleep "0.0$((RANDOM % 90 + 10))"
		agent_kill
		churn_end
		git -C "$REPO" fsck --strict
		count=$(git -C "$REPO" rev-list --count main)
	done
	agent_start
	await 5 at_rest
}

@test "invariant 3: nothing recorded is lost or rewritten, and what the map held at a crash is in the next commit" {
	local held known
	agent_start
	for _ in 1 2 3; do
		churn_start 100 110
		await 10 commits_above 3
		# Written behind the agent's back, in the last moment: only the map knows.
		write_slot 10.0.0.70 "02:bb:bb:bb:bb:7$((RANDOM % 10))" 2 1
		agent_kill
		churn_end
		held=$("$HERE/table" map "$PINS/neigh_slots" "$LAN")
		known=$(git -C "$REPO" rev-list --all)
		agent_start
		await 5 at_rest
		[ "$("$HERE/table" tree "$REPO")" = "$held" ]
		comm -13 <(git -C "$REPO" rev-list main --branches='alert[s]' | sort) \
			<(sort <<<"$known") >"$RESULT/lost"
		[ ! -s "$RESULT/lost" ]
	done
	has_commit recover
}

@test "invariant 4: an invalid entry never reaches the map" {
	local path
	path=$(path_of 10.0.0.87)
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	clone
	python3 - "$PINS/neigh_slots" "$HERE" "$LAN" >"$RESULT/seen" 3>&- <<-'EOT' &
		import subprocess, sys
		pin, here, lan = sys.argv[1:]
		while True:
		    rows = subprocess.run([f"{here}/table", "map", pin, lan, "--slots"],
		                          capture_output=True, text=True).stdout
		    if "10.0.0.87 " in rows:
		        print(rows, flush=True)
	EOT
	BACKGROUND+=($!)
	for text in $'mac ff:ff:ff:ff:ff:ff\nstate static\nsince 2026-01-02T03:04:05Z' \
		$'mac 02:bb:bb:bb:bb:87\nstate static\nsince never' 'mac'; do
		echo "$text" >"$CLONE/$path"
		git -C "$CLONE" add lan
		git -C "$CLONE" commit -qm bad
		run git -C "$CLONE" push origin HEAD:merge/bad
		[ "$status" -ne 0 ]
		git -C "$REPO" fetch -q "$CLONE" HEAD
		git -C "$REPO" update-ref refs/heads/bad FETCH_HEAD
		run ak merge bad
		[ "$status" -eq 1 ]
		says "$path"
		git -C "$REPO" update-ref refs/heads/main FETCH_HEAD
		await 5 unrecorded 10.0.0.87
		git -C "$CLONE" fetch -q
		git -C "$CLONE" reset -q --hard origin/main
	done
	await 5 at_rest
	lacks 10.0.0.87
	[ ! -s "$RESULT/seen" ]
}

@test "invariant 5: objects are durable before a ref names them" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	strace -f -y -qq -e trace=fsync,fdatasync,rename,renameat,renameat2,link,linkat \
		-o "$RESULT/strace.txt" -p "$(recorder)" 3>&- &
	BACKGROUND+=($!)
	await 5 traced
	ak set 10.0.0.51 "$ELSEWHERE"
	ak merge nowhere || true # by now, what strace saw of the first is on its way to the file
	await 5 python3 "$HERE/durable.py" "$RESULT/strace.txt"
}

traced() {
	ak status
	kill -0 "${BACKGROUND[-1]}"
	grep -q "TracerPid:.[1-9]" "/proc/$(recorder)/status"
}

# What git gc says when main moved on after git had packed it: git leaves the newer one alone.
MOVED_ON="^error: cannot lock ref 'refs/heads/main': is at [0-9a-f]* but expected [0-9a-f]*$"

# What cp says of a file beside a pack that went while it copied: it holds no object.
NO_OBJECT="^cp: cannot \(stat\|open\) '.*\.\(keep\|lock\)'.*: No such file or directory$"

# git gc, once the agent's own upkeep lets it: both hold gc.pid, and git refuses what comes second.
gc_is_free() {
	run git -C "$REPO" gc -q
	[[ $output != *"gc is already running"* ]]
}

@test "invariant 6: stock git works while the agent runs" {
	local n
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	first=$(tip)
	churn_start 100 120
	for _ in 1 2 3; do
		await 10 commits_above "$(git -C "$REPO" rev-list --count main)"
		git -C "$REPO" log --graph --oneline --all >"$RESULT/graph.txt"
		git -C "$REPO" show main >/dev/null
		git -C "$REPO" diff "$first" main >/dev/null
		# make soak looks a hundred times.
		for ((n = 0; n < ${FSCKS:-6}; n++)); do
			git -C "$REPO" fsck --strict
		done
		git clone -q "$REPO" "$SHORT/clone-$RANDOM"
		await 10 gc_is_free
		echo "git gc: $output"
		((status == 0))
		[[ -z $output ]] || refuses grep -qv "$MOVED_ON" <<<"$output"
		# The objects once more: those that the copied references name. Nothing that was listed has vanished.
		cp -a "$REPO" "$SHORT/copy" || true # a lock may vanish
		run cp -a "$REPO/objects/." "$SHORT/copy/objects"
		echo "cp: $output"
		[[ -z $output ]] || refuses grep -qv "$NO_OBJECT" <<<"$output"
		git -C "$SHORT/copy" fsck --strict
		rm -r "$SHORT/copy"
	done
	churn_end
	kill -0 "$AGENT"
	await 10 at_rest
	git -C "$REPO" fsck --strict
	# Bisect, in a clone: the commit that brought 10.0.0.51.
	ak set 10.0.0.51 "$ELSEWHERE"
	wanted=$(git -C "$REPO" log -1 --format=%H main -- "$(path_of 10.0.0.51)")
	ak set 10.0.0.52 "$ELSEWHERE"
	clone
	git -C "$CLONE" bisect start main "$first"
	run git -C "$CLONE" bisect run test ! -e "$(path_of 10.0.0.51)"
	says "$wanted is the first bad commit"
}
