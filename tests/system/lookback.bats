#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Looking back: `at`, `diff` and `log`, with a running agent, and on repositories that no agent wrote.
# The tests compare their output with stock git's. A long one: LONG=1000000.

load lib.bash

setup() {
	sandbox
}

teardown() {
	sandbox_clear
}

# history COMMITS [OPTION...]: $REPO as commits.py makes it, from 2026-01-01, a task every 10 s.
history() {
	"$ROOT/tests/bench/commits.py" "$1" "$REPO" --addresses 50 "${@:2}"
}

# held TIME: the table as git says it was, "ADDRESS MAC".
held() {
	local commit
	commit=$(git -C "$REPO" rev-list -1 --first-parent --before="$1" main)
	git -C "$REPO" grep -h -o '^mac .*' "$commit" -- lan | sort | cut -d' ' -f2
}

@test "at prints the table as git has it, at any time" {
	history 2000
	local time
	for time in 2026-01-01T00:30:00Z 2026-01-01T02:00:05Z 2026-01-01T05:00:00Z 2026-06-01T00:00:00Z; do
		diff <(held "$time") <(ak at "$time" --json | jq -r '.entries[].mac' | sort)
		[[ $(ak at "$time" --json | jq -r .commit) == \
			$(git -C "$REPO" rev-list -1 --first-parent --before="$time" main) ]]
	done
	run ak at 2026-01-01T05:00:00Z
	says "at 2026-01-01 05:00:00Z: commit" ADDRESS STATE ORIGIN 10.0.0. bench/eth0
	# One address, a prefix, and another segment.
	local address
	address=$(ak at 2026-01-01T05:00:00Z --json | jq -r '.entries[7].address')
	[[ $(ak at 2026-01-01T05:00:00Z "$address" --json | jq -r '.entry.address, .entries[0].address') == \
		"$address"$'\n'"$address" ]]
	[[ $(ak at 2026-01-01T05:00:00Z 10.0.0.16/28 --json | jq -r '.entries[].address' | sort -u | wc -l) -gt 2 ]]
	run ak at 2026-01-01T05:00:00Z --segment dmz
	((status == 0))
	says "nothing was known"
}

@test "at reports an address that was absent, with status 0" {
	history 300
	run ak at 2026-01-01T00:20:00Z 10.9.9.9
	((status == 0))
	says "10.9.9.9 was absent"
	[[ $(ak at 2026-01-01T00:20:00Z 10.9.9.9 --json | jq -c '[.address, .entry, .entries]') == \
		'["10.9.9.9",null,[]]' ]]
}

@test "before the first commit nothing is recorded, and at says since when" {
	history 50
	run ak at 2025-12-31T23:59:59Z
	((status == 1))
	says "nothing is recorded of 2025-12-31T23:59:59Z" "begins at 2026-01-01T00:00:00Z"
	run ak diff 2025-12-31T23:59:59Z 2026-01-01T00:01:00Z
	((status == 1))
}

@test "TIME is what git log --since accepts; an invalid time is refused with examples" {
	history 50
	local time
	for time in yesterday '2 days ago' 'last tuesday 14:05' '2026-01-02 03:04' now \
		'Fri, 2 Jan 2026 03:04:05 +0100' 2026-01-02T03:04:05Z 1767323045; do
		ak at "$time" >/dev/null
	done
	[[ $(ak at '2026-01-02 03:04:05 +0100' --json | jq -r .time) == 2026-01-02T02:04:05Z ]]
	for time in gibberish yesterdya '' never all $'now\nnow'; do
		run ak at "$time"
		((status == 2))
		says "is not a time" "last tuesday 14:05"
	done
	for time in 10.0.0.5 2001:db8::5 10.0.0.0/24 02:00:00:00:00:05; do
		run ak at "$time"
		((status == 2))
		says "'$time' is not a time: give a time first"
	done
	run ak at '2099-01-01T00:00:00Z'
	((status == 2))
	says "lies in the future"
	run ak at
	((status == 2))
	run ak diff
	((status == 2))
	run ak at yesterday 10.0.0.1 now
	((status == 2))
	run ak at yesterday 10.0.0.256
	((status == 2))
}

@test "diff lists what became of each address, as git diff does" {
	history 800
	local from=2026-01-01T00:40:00Z to=2026-01-01T01:40:00Z a b
	a=$(git -C "$REPO" rev-list -1 --first-parent --before=$from main)
	b=$(git -C "$REPO" rev-list -1 --first-parent --before=$to main)
	diff <(git -C "$REPO" diff --no-renames --name-only "$a" "$b" -- lan | sed 's|.*/||' | sort) \
		<(ak diff $from $to --json | jq -r '.changes[].address' | sort)
	[[ $(ak diff $from $to --json | jq -r '.from.commit, .to.commit') == "$a"$'\n'"$b" ]]
	run ak diff $from $to
	says "from 2026-01-01 00:40:00Z (commit ${a:0:7}) to 2026-01-01 01:40:00Z (commit ${b:0:7})" moved new gone
	run ak diff $to $to
	((status == 0))
	says "no difference"
	# Until now; and one address.
	[[ $(ak diff $from --json | jq -r .to.commit) == "$(tip)" ]]
	local address
	address=$(ak diff $from --json | jq -r '.changes[0].address')
	[[ $(ak diff $from -a "$address" --json | jq -r '.changes[].address') == "$address" ]]
}

@test "log lists the same address of both segments" {
	history 20
	clone
	local segment
	for segment in lan dmz; do
		mkdir -p "$CLONE/$segment/10.7/10.7.7"
		printf 'mac 02:00:00:00:77:0%d\nstate static\nsince 2026-01-02T03:04:05Z\n' ${#segment} \
			>"$CLONE/$segment/10.7/10.7.7/10.7.7.7"
		sed -i 's/:03$/:33/' "$CLONE/dmz/10.7/10.7.7/10.7.7.7" 2>/dev/null || true
	done
	git -C "$CLONE" add -A && git -C "$CLONE" commit -qm both && git -C "$CLONE" push -q origin HEAD:main
	[[ $(ak at now 10.7.7.7 --json | jq -r '.entries[].segment' | xargs) == 'dmz lan' ]]
	[[ $(ak at now 10.7.7.7 --segment dmz --json | jq -r '.entries[].segment') == dmz ]]
	[[ $(ak log 10.7.7.7 --json | jq -r '.events[].segment' | xargs) == 'dmz lan' ]]
	[[ $(ak log 10.7.7.7 --segment lan --json | jq -r '.events[].segment') == lan ]]
}

@test "log of an address and of a MAC prints what log of everything says of them" {
	history 1500
	local address mac
	ak log --json >"$RESULT/all.json"
	[[ $(jq '.events | length' "$RESULT/all.json") -gt 1000 ]]
	for address in 10.0.0.3 10.0.0.40; do
		diff <(jq -c --arg a $address '.events[] | select(.address == $a) | .commit' "$RESULT/all.json") \
			<(ak log $address --json | jq -c '.events[].commit')
	done
	mac=$(jq -r '.events[9].after.mac // .events[9].before.mac' "$RESULT/all.json")
	diff <(jq -c --arg m "$mac" '.events[] | select(.before.mac == $m or .after.mac == $m) |
			[.commit, .address]' "$RESULT/all.json" | sort) \
		<(ak log "$mac" --json | jq -c '.events[] | [.commit, .address]' | sort)
	[[ $(ak log 10.0.0.3 -n 2 --json | jq '.events | length') == 2 ]]
	# Everything, newest first, begins at once.
	[[ $(ak log -n 1 --json | jq -r '.events[0].commit') == "$(jq -r '.events[0].commit' "$RESULT/all.json")" ]]
}

@test "a foreign repository is an error, not an empty one" {
	mkdir "$RESULT/other" && cd "$RESULT/other"
	git init -q -b main . && echo hello >file && git add file && git commit -qm hello
	local command
	for command in 'log 10.0.0.1' 'log' 'at now' 'at now 10.0.0.1' 'diff yesterday'; do
		# shellcheck disable=SC2086 # words
		run "$ARPKEEPER" $command --repo "$RESULT/other"
		((status == 1))
		says "is not one of arpkeeper's"
	done
}

@test "a clone answers without an agent, keeps its index, and a thinned history begins at its boundary" {
	history 1200
	git clone -q --bare "$REPO" "$RESULT/c.git"
	ak log 10.0.0.3 --repo "$RESULT/c.git" >"$RESULT/before"
	[[ -s $RESULT/c.git/arpkeeper/index ]]
	rm "$RESULT/c.git/arpkeeper/index"
	git -C "$RESULT/c.git" gc -q
	ak log 10.0.0.3 --repo "$RESULT/c.git" | diff "$RESULT/before" -
	git clone -q --bare --depth 200 "file://$REPO" "$RESULT/s.git"
	local address
	address=$(ak log --repo "$RESULT/s.git" --json | jq -r '[.events[] | select(.begins)][0].address')
	run ak log "$address" --repo "$RESULT/s.git"
	((status == 0))
	says "when the history that is kept begins"
	run ak at 2026-01-01T00:30:00Z --repo "$RESULT/s.git"
	((status == 1))
	says "nothing is recorded of 2026-01-01T00:30:00Z"
}

@test "a user who does not own the repository looks back, and leaves nothing in it" {
	history 300
	cp "$ARPKEEPER" "$SHORT/arpkeeper"
	chmod 755 "$SHORT"
	cp -r "$REPO" "$SHORT/mine.git"
	chmod -R a+rX "$SHORT/mine.git"
	run env HOME=/nonexistent setpriv --reuid nobody --clear-groups \
		"$SHORT/arpkeeper" log --repo "$SHORT/mine.git" 10.0.0.3
	((status == 0))
	says 10.0.0.3
	[[ ! -e $SHORT/mine.git/arpkeeper ]]
}

@test "a running agent's changes are visible at once, from the index that it keeps" {
	pair
	agent_start
	local n
	for n in 1 2 3; do
		ak set 10.0.0.50 02:bb:bb:bb:bb:0$n
		[[ $(ak log 10.0.0.50 --json | jq '.events | length') == "$n" ]]
		[[ $(ak at now 10.0.0.50 --json | jq -r .entry.mac) == 02:bb:bb:bb:bb:0$n ]]
	done
	await 5 test -s "$REPO/arpkeeper/index"
	clone
	write_entry 10.0.0.51 02:bb:bb:bb:bb:51
	git -C "$CLONE" commit -qm 'by push' && git -C "$CLONE" push -q origin HEAD:merge/it
	await 5 recorded 10.0.0.51
	[[ $(ak log 10.0.0.51 --json | jq '.events | length') == 1 ]]
	[[ $(ak log 02:bb:bb:bb:bb:02 --json | jq '.events | length') == 2 ]]
	agent_stop
	# What it kept is what a new one says.
	ak log 10.0.0.50 >"$RESULT/kept"
	rm "$REPO/arpkeeper/index"
	ak log 10.0.0.50 | diff "$RESULT/kept" -
}

# took COMMAND...: how much CPU time `arpkeeper COMMAND` takes, in milliseconds; what runs beside it does not count.
took() {
	local TIMEFORMAT='%3U %3S' user system
	{ time ak "$@" >/dev/null; } 2>"$RESULT/took"
	read -r user system < <(tail -n 1 "$RESULT/took")
	echo $((10#${user/./} + 10#${system/./}))
}

# The aim is 100 ms in a million commits, which `make bench` shows; this test only compares.
@test "looking back in a long history reads a small part of it" {
	history "${LONG:-20000}"
	local whole command took
	whole=$(took log 10.0.0.3 -n 1) # reads all of it, and makes the index
	for command in 'log 10.0.0.3 -n 100' 'log 02:00:00:00:00:20 -n 100' 'at 2026-01-01T02:00:00Z 10.0.0.3' 'log -n 20'; do
		# shellcheck disable=SC2086 # words
		took=$(took $command)
		echo "$command: $took ms of CPU, $whole for all of it"
		((took * 3 < whole))
	done
}
