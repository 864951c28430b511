#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# `arpkeeper log --graph`: the tasks in lanes, compared with `git log --first-parent` and with the log.

load lib.bash

setup() {
	sandbox
}

teardown() {
	sandbox_clear
}

# history COMMITS: $REPO as commits.py makes it, with overlapping tasks, a task every 10 s.
history() {
	"$ROOT/tests/bench/commits.py" "$1" "$REPO" --addresses 50
}

# drawn [OPTION...]: the commits of the graph's lines.
drawn() {
	ak log --graph "$@" | awk 'NR > 1 { print $NF }'
}

# first_parents [OPTION...]: the same by git.
first_parents() {
	git -C "$REPO" log --first-parent --abbrev=7 --format=%H "$@" main | cut -c1-7
}

# A history whose drawing is known: two tasks in a row, one that another overlapped, and a merge of a person's branch.
known_history() {
	local w=$SHORT/w n=0
	export GIT_COMMITTER_NAME=arpkeeper GIT_COMMITTER_EMAIL=arpkeeper@n
	git init -q -b main "$w"
	put() { # MESSAGE ADDRESS
		n=$((n + 1))
		mkdir -p "$w/lan/10.0/10.0.0"
		printf 'mac 02:00:00:00:00:%02x\nstate dynamic\nsince 2026-11-22T10:15:00Z\n' "$n" >"$w/lan/10.0/10.0.0/$2"
		git -C "$w" add -A
		at git -C "$w" commit -q -m "$1"
	}
	at() {
		GIT_COMMITTER_DATE="2026-01-01T00:00:$((10 + n))Z" GIT_AUTHOR_DATE="2026-01-01T00:00:$((10 + n))Z" "$@"
	}
	put $'learn: 10.0.0.1\n\nTask: learn/20260101-n-000001' 10.0.0.1
	git -C "$w" branch person
	put $'move: 10.0.0.1\n\nTask: move/20260101-n-000001' 10.0.0.1
	git -C "$w" checkout -q -b task
	put $'learn: 10.0.0.2\n\nTask: learn/20260101-n-000002' 10.0.0.2
	git -C "$w" checkout -q main
	put $'expire: 10.0.0.3\n\nTask: expire/20260101-n-000001' 10.0.0.3
	n=$((n + 1))
	at git -C "$w" merge -q --no-ff -m $'merge: learn 10.0.0.2\n\nTask: learn/20260101-n-000002' task
	git -C "$w" checkout -q person
	GIT_COMMITTER_NAME=Ada GIT_COMMITTER_EMAIL=ada@x put 'rack 3' 10.0.0.4
	git -C "$w" checkout -q main
	n=$((n + 1))
	at git -C "$w" merge -q --no-ff -m $'merge: operator set 10.0.0.4\n\nTask: operator/20260101-n-000001\nBranch: merge/rack3' person
	REPO=$w/.git
	configure
}

@test "the graph has a line for each commit of git log --first-parent, by time, by number and by author" {
	history 1500
	diff <(drawn) <(first_parents)
	diff <(drawn -n 100) <(first_parents -n 100)
	diff <(drawn --since 2026-01-01T01:00:00Z --until 2026-01-01T02:00:00Z) \
		<(first_parents --since=2026-01-01T01:00:00Z --until=2026-01-01T02:00:00Z)
	diff <(drawn --by arpkeeper) <(first_parents)
	run ak log --graph --by ann
	((status == 0))
	says "nothing is recorded"
	run ak log --graph --until 2020-01-01T00:00:00Z
	((status == 0))
	says "nothing is recorded"
}

@test "of each kind the graph has the commits that the log has" {
	local kind
	history 1500
	for kind in learn move expire; do
		diff <(drawn --kind "$kind") <(ak log --kind "$kind" --json | jq -r '.events[] | select(.commit == .main) | .commit[:7]')
	done
	known_history
	diff <(drawn --kind push) <(ak log --kind push --json | jq -r '.events[].main[:7]' | uniq)
	diff <(drawn --kind learn) <(ak log --kind learn --json | jq -r '.events[].main[:7]' | uniq)
}

@test "merges and what they overlap are drawn in lanes, in ASCII where no terminal reads" {
	local expected
	known_history
	expected=$(sed 's/~$//' <<'GRAPH'
TIME                    L M E O P x  KIND    ADDRESSES  WHAT                          TASK                    COMMIT~
2026-01-01 00:00:17Z  +---------M    push            1  merge: operator set 10.0.0.4  by Ada                  X~
2026-01-01 00:00:15Z  +-M       |    learn           1  merge: learn 10.0.0.2         learn/20260101-n-000002 X~
2026-01-01 00:00:14Z  +-+---*   |    expire          1  expire: 10.0.0.3              expire/20260101-n-000001  X~
2026-01-01 00:00:12Z  +-+-*     |    move            1  move: 10.0.0.1                move/20260101-n-000001  X~
2026-01-01 00:00:11Z  `-*-------'    learn           1  learn: 10.0.0.1               learn/20260101-n-000001 X~
GRAPH
	)
	ak log --graph | tee "$RESULT/graph"
	diff <(cut -c1-36 <<<"$expected") <(cut -c1-36 "$RESULT/graph")
	diff <(awk 'NR > 1 { print $NF }' "$RESULT/graph") <(first_parents)
	run cat "$RESULT/graph"
	says "by Ada" "merge: learn 10.0.0.2"
	[[ $output != *$'\033'* ]]
	refuses grep -P '[^\x00-\x7f]' "$RESULT/graph"
}

# on_terminal NAME [VARIABLE=VALUE...]: the graph on a terminal of 80 columns; writes $RESULT/NAME.raw and .screen.
on_terminal() {
	local name=$1
	shift
	"$HERE/terminal.py" --rows 20 --columns "${WIDTH:-80}" env TERM=xterm "$@" "$ARPKEEPER" log --graph -c "$CONFIG" <<-STEPS
		see 00:00:11Z
		exit 0
		save $RESULT/$name.screen
		raw $RESULT/$name.raw
	STEPS
}

@test "a UTF-8 terminal gets lines and colours, NO_COLOR none, and no line is wider than the terminal" {
	known_history
	on_terminal plain LC_ALL=C.UTF-8
	grep -F '├─────────◆' "$RESULT/plain.screen"
	grep -F '├─┼───●   │' "$RESULT/plain.screen"
	grep -F '└─●───────┘' "$RESULT/plain.screen"
	grep -F $'\033[32mlearn\033[0m' "$RESULT/plain.raw"
	grep -F $'\033[31mexpire\033[0m' "$RESULT/plain.raw"
	# Each task is one line of the screen: none was wrapped.
	(($(grep -c . "$RESULT/plain.screen") == 6))
	on_terminal uncoloured LC_ALL=C.UTF-8 NO_COLOR=1
	refuses grep -F $'\033' "$RESULT/uncoloured.raw"
	grep -F '├─────────◆' "$RESULT/uncoloured.screen"
	on_terminal ascii LC_ALL=C
	grep -F '+---------M' "$RESULT/ascii.screen"
	refuses grep -P '[^\x00-\x7f]' "$RESULT/ascii.raw"
}

@test "what a commit's author wrote never reaches the terminal as a control" {
	known_history
	GIT_AUTHOR_NAME=$'E\033[2Jve' git -C "$SHORT/w" commit -q --allow-empty -m $'x\033[2J\302\2332J'
	WIDTH=120 on_terminal hostile LC_ALL=C.UTF-8
	grep -F ' x?[2J??2J ' "$RESULT/hostile.screen"
	grep -F ' by E?[2Jve ' "$RESULT/hostile.screen"
}

@test "the graph is of all tasks, for eyes: --json, an address and a segment are usage errors" {
	history 20
	run ak log --graph --json
	((status == 2))
	says "--json"
	for argument in 10.0.0.1 --alerts --fleet '--segment=lan'; do
		run ak log --graph "$argument"
		((status == 2))
		says "--graph goes with"
	done
}
