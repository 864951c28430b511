#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Users change the table with git: by merge requests, and in main itself.

load lib

setup() {
	sandbox
	pair
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE" # so that there is something to clone
	clone
}

teardown() {
	sandbox_clear
}

commit() {
	git -C "$CLONE" commit -q --allow-empty -m "$1"
}

push() {
	git -C "$CLONE" push origin "$@"
}

applied_is_tip() {
	[[ $(git -C "$REPO" rev-parse refs/arpkeeper/applied) == "$(tip)" ]]
}

@test "a push to merge/* is merged, applied and answered on the wire, and the push says so" {
	write_entry 10.0.0.80 02:bb:bb:bb:bb:80
	commit 'lan: a printer'
	run push HEAD:merge/printer
	[ "$status" -eq 0 ]
	says "remote:" merge/printer "1 address"
	holds 10.0.0.80 static 02:bb:bb:bb:bb:80
	answered h1 10.0.0.80 02:bb:bb:bb:bb:80
	recorded 10.0.0.80 02:bb:bb:bb:bb:80 static
	git -C "$REPO" merge-base --is-ancestor "$(git -C "$CLONE" rev-parse HEAD)" main
	await 5 at_rest
	await 5 applied_is_tip
	[ -z "$(git -C "$REPO" for-each-ref refs/heads/merge/)" ]
}

@test "a push from behind is a real merge, and loses neither side" {
	ak set 10.0.0.51 "$ELSEWHERE"
	write_entry 10.0.0.80 02:bb:bb:bb:bb:80
	commit 'from behind'
	push HEAD:merge/behind
	holds 10.0.0.80 static
	holds 10.0.0.51 static
	recorded 10.0.0.51
	[ "$(git -C "$REPO" rev-list --merges --count main)" -ge 1 ]
	await 5 at_rest
}

@test "the rule decides a conflict, and the push says so" {
	sleep 1.1 # so that this one began later: `since` has seconds
	ak set 10.0.0.50 02:bb:bb:bb:bb:01
	write_entry 10.0.0.50 02:bb:bb:bb:bb:02 # since 2026-01-02: earlier
	commit 'conflicts'
	run push HEAD:merge/conflict
	[ "$status" -eq 0 ]
	says "10.0.0.50: yours is not taken: root's is later (02:bb:bb:bb:bb:01, static, since" "to insist, fetch main, change it there, and push again"
	holds 10.0.0.50 static 02:bb:bb:bb:bb:01
	[[ $(ak log 10.0.0.50 | head -n 2) == *"02:bb:bb:bb:bb:02, static), not taken: root's is later"* ]]
	[[ $(ak log 10.0.0.50 --json | jq -r '.events[0] | "\(.fate) \(.why) \(.winner)"') == 'not_taken later since root' ]]
	run git -C "$REPO" log --format=%B main
	says "later since"
	# What is said helps.
	git -C "$CLONE" fetch -q && git -C "$CLONE" reset -q --hard origin/main
	write_entry 10.0.0.50 02:bb:bb:bb:bb:02
	commit 'insists'
	run push HEAD:merge/conflict
	says "1 address changed"
	holds 10.0.0.50 static 02:bb:bb:bb:bb:02
	run push HEAD:merge/again
	says "nothing to merge: main has it already"
	await 5 at_rest
}

@test "a dynamic entry that is pushed is answered, and stays if its host answers a request" {
	write_entry 10.0.0.11 "$(host_mac 1)" dynamic
	write_entry 10.0.0.80 02:bb:bb:bb:bb:80 dynamic
	commit 'what another node has learned'
	push HEAD:merge/learned
	answered h1 10.0.0.80 02:bb:bb:bb:bb:80
	await 10 holds 10.0.0.11 dynamic "$(host_mac 1)"
	await 15 unrecorded 10.0.0.80
	has_commit expire
	recorded 10.0.0.11 "$(host_mac 1)" dynamic
	await 5 at_rest
}

@test "a push can remove an entry" {
	git -C "$CLONE" rm -q "$(path_of 10.0.0.50)"
	commit 'retired'
	push HEAD:merge/retired
	lacks 10.0.0.50
	unanswered h1 10.0.0.50
	unrecorded 10.0.0.50
	await 5 at_rest
}

@test "a fast-forward push to main is applied" {
	write_entry 10.0.0.82 02:bb:bb:bb:bb:82
	commit 'straight'
	run push HEAD:main
	[ "$status" -eq 0 ]
	await 5 holds 10.0.0.82 static 02:bb:bb:bb:bb:82
	answered h1 10.0.0.82 02:bb:bb:bb:bb:82
	await 5 at_rest
	await 5 applied_is_tip
}

@test "a push to main that is not a fast-forward is refused, forced or not" {
	ak set 10.0.0.51 "$ELSEWHERE"
	before=$(tip)
	write_entry 10.0.0.82 02:bb:bb:bb:bb:82
	commit 'from behind'
	run push HEAD:main
	[ "$status" -ne 0 ]
	run push -f HEAD:main
	[ "$status" -ne 0 ]
	run push :main
	[ "$status" -ne 0 ]
	[ "$(tip)" = "$before" ]
	lacks 10.0.0.82
}

@test "the agent notices and applies git update-ref of main" {
	write_entry 10.0.0.83 02:bb:bb:bb:bb:83
	commit 'by hand'
	git -C "$REPO" fetch -q "$CLONE" HEAD
	git -C "$REPO" update-ref refs/heads/main FETCH_HEAD
	await 5 holds 10.0.0.83 static 02:bb:bb:bb:bb:83
	await 5 at_rest
	await 5 applied_is_tip
}

@test "a file outside the segments is left alone" {
	echo 'rack plan' >"$CLONE/racks.txt"
	git -C "$CLONE" add racks.txt
	commit 'racks'
	push HEAD:merge/racks
	ak set 10.0.0.51 "$ELSEWHERE"
	[ "$(git -C "$REPO" show main:racks.txt)" = 'rack plan' ]
	[ -n "$(git -C "$REPO" show main:README.md)" ]
}

@test "keys beginning with x- are kept untouched" {
	write_entry 10.0.0.84 02:bb:bb:bb:bb:84
	echo 'x-ticket 4711' >>"$CLONE/$(path_of 10.0.0.84)"
	git -C "$CLONE" add lan
	commit 'with a ticket'
	push HEAD:merge/ticket
	ak set 10.0.0.84 02:bb:bb:bb:bb:84 --note 'now with a note'
	run git -C "$REPO" show "main:$(path_of 10.0.0.84)"
	says 'x-ticket 4711' 'note now with a note'
	# They are about the address: another MAC has them, too, set or imported; a list's own replace them.
	ak set 10.0.0.84 02:bb:bb:bb:bb:85
	run git -C "$REPO" show "main:$(path_of 10.0.0.84)"
	says 'mac 02:bb:bb:bb:bb:85' 'x-ticket 4711'
	ak import --force - <<<'02:bb:bb:bb:bb:86 10.0.0.84'
	run git -C "$REPO" show "main:$(path_of 10.0.0.84)"
	says 'mac 02:bb:bb:bb:bb:86' 'x-ticket 4711'
	ak import --force - <<<'{"entries": [{"address": "10.0.0.84", "mac": "02:bb:bb:bb:bb:87", "state": "static", "extra": ["x-rack 3"]}]}'
	run git -C "$REPO" show "main:$(path_of 10.0.0.84)"
	says 'mac 02:bb:bb:bb:bb:87' 'x-rack 3'
	refuses says 'x-ticket'
}

# refused ADDRESS PATTERN... <entry: the push is refused with these words, and changed nothing.
refused() {
	local path before
	before=$(tip)
	path=$1
	shift
	mkdir -p "$(dirname "$CLONE/$path")"
	cat >"$CLONE/$path"
	git -C "$CLONE" add -A
	commit "bad: $path"
	run push HEAD:merge/bad
	echo "$output"
	[ "$status" -ne 0 ]
	says "$path" "$@"
	[ "$(tip)" = "$before" ]
	[ -z "$(git -C "$REPO" for-each-ref refs/heads/merge/)" ]
	run push HEAD:main
	[ "$status" -ne 0 ]
	says "$path" "$@"
	[ "$(tip)" = "$before" ]
	git -C "$CLONE" reset -q --hard HEAD~1
	await 5 at_rest
}

@test "a push of an invalid entry is refused, naming path, line and reason" {
	local path since='since 2026-01-02T03:04:05Z'
	path=$(path_of 10.0.0.85)
	refused "$path" "line 1" mac <<<$'mac 02:bb:bb:bb:bb:zz\nstate static\n'"$since"
	refused "$path" "line 1" mac <<<$'mac 01:00:5e:00:00:01\nstate static\n'"$since"
	refused "$path" "line 2" state <<<$'mac 02:bb:bb:bb:bb:85\nstate solid\n'"$since"
	refused "$path" "line 3" since <<<$'mac 02:bb:bb:bb:bb:85\nstate static\nsince yesterday'
	refused "$path" "line 3" since <<<$'mac 02:bb:bb:bb:bb:85\nstate static\nsince 2026-02-30T00:00:00Z'
	refused "$path" "line 4" <<<$'mac 02:bb:bb:bb:bb:85\nstate static\n'"$since"$'\nwhatever 1'
	refused "$path" since <<<$'mac 02:bb:bb:bb:bb:85\nstate static'
	refused "$path" </dev/null
}

@test "a push of an entry in a wrong place is refused, naming the path and the reason" {
	local good=$'mac 02:bb:bb:bb:bb:85\nstate static\nsince 2026-01-02T03:04:05Z'
	refused lan/10.0/10.0.1/10.0.0.85 <<<"$good"
	refused lan/10.0/10.0.0/10.0.0.085 <<<"$good"
	refused lan/10.0.0.85 <<<"$good"
	refused lan/10.9/10.9.9/10.9.9.9 prefix <<<"$good"
	refused lan/10.0/10.0.0/10.0.0.255 broadcast <<<"$good"
	refused lan/10.0/10.0.0/10.0.0.0 network <<<"$good"
	refused wan/10.0/10.0.0/10.0.0.85 segment <<<"$good"
}

@test "an entry that is a link or executable is refused" {
	local path
	path=$(path_of 10.0.0.86)
	ln -s /etc/passwd "$CLONE/$path"
	git -C "$CLONE" add -A
	commit 'a link'
	run push HEAD:merge/link
	[ "$status" -ne 0 ]
	says "$path"
	lacks 10.0.0.86
}

@test "an invalid entry in main by update-ref is undone by a repair commit on top" {
	local path bad
	path=$(path_of 10.0.0.87)
	write_entry 10.0.0.88 02:bb:bb:bb:bb:88
	echo 'mac nonsense' >"$CLONE/$path"
	git -C "$CLONE" add lan
	commit 'one good, one bad'
	bad=$(git -C "$CLONE" rev-parse HEAD)
	git -C "$REPO" fetch -q "$CLONE" HEAD
	git -C "$REPO" update-ref refs/heads/main FETCH_HEAD
	await 5 holds 10.0.0.88 static 02:bb:bb:bb:bb:88
	await 5 unrecorded 10.0.0.87
	lacks 10.0.0.87
	git -C "$REPO" merge-base --is-ancestor "$bad" main
	await 5 at_rest
	await 5 applied_is_tip
}

@test "arpkeeper merge takes a branch of the repository" {
	write_entry 10.0.0.89 02:bb:bb:bb:bb:89
	commit 'on a branch'
	push HEAD:refs/heads/planned
	lacks 10.0.0.89
	run ak merge planned
	[ "$status" -eq 0 ]
	holds 10.0.0.89 static 02:bb:bb:bb:bb:89
	await 5 at_rest
	run ak merge nowhere
	[ "$status" -eq 1 ]
	says nowhere
}

@test "pushes and changes at the same time all arrive, and the table equals main" {
	local n
	(for n in $(seq 100 139); do
		ak set "10.0.0.$n" "02:00:00:00:02:$(printf %02x "$n")" >/dev/null || echo "set $n failed"
	done) >"$RESULT/load.log" 2>&1 3>&- &
	load=$!
	BACKGROUND+=("$load")
	for n in $(seq 200 211); do
		write_entry "10.0.0.$n" "02:00:00:00:03:$(printf %02x "$n")"
		commit "entry $n"
		push "HEAD:merge/m$n"
	done
	wait "$load"
	[ ! -s "$RESULT/load.log" ]
	await 10 at_rest
	for n in $(seq 100 139) $(seq 200 211); do
		recorded "10.0.0.$n"
	done
	[ -z "$(git -C "$REPO" for-each-ref refs/heads/merge/)" ]
}

@test "several users push at once" {
	local n pids=()
	for n in 1 2 3 4; do
		git clone -q "$REPO" "$SHORT/clone$n"
		CLONE=$SHORT/clone$n
		write_entry "10.0.0.21$n" "02:00:00:00:04:0$n"
		commit "person $n"
	done
	for n in 1 2 3 4; do
		git -C "$SHORT/clone$n" push -q origin "HEAD:merge/person$n" 3>&- &
		pids+=($!)
	done
	for n in "${pids[@]}"; do
		wait "$n"
	done
	for n in 1 2 3 4; do
		holds "10.0.0.21$n" static "02:00:00:00:04:0$n"
	done
	await 5 at_rest
}

# as_nobody COMMAND...: as a user who is not root, with a home of its own.
as_nobody() {
	env HOME="$SHORT/home" setpriv --reuid nobody --regid nogroup --groups "${GROUPS_OF_NOBODY:-nogroup}" "$@"
}

# nobody_pushes ADDRESS
nobody_pushes() {
	printf 'mac 02:bb:bb:bb:bb:80\nstate static\nsince 2026-01-02T03:04:05Z\n' |
		as_nobody tee "$CLONE/$(path_of "$1")" >/dev/null
	as_nobody git -C "$CLONE" add lan
	as_nobody git -C "$CLONE" commit -qm "$1"
	run as_nobody git -C "$CLONE" push origin HEAD:merge/nobody
	echo "$output"
	[ "$status" -eq 0 ] || return 1
	holds "$1" static
}

@test "members of a group push into a repository whose objects and references the group may write" {
	local n
	as_nobody test -x "$RESULT" || skip "others may not enter this checkout"
	agent_stop
	# As README.md says.
	chgrp -R nogroup "$REPO/objects" "$REPO/refs"
	find "$REPO/objects" "$REPO/refs" -type d -exec chmod g+ws {} +
	chmod +t "$REPO/objects" "$REPO/refs"
	chmod -R g-ws "$REPO/objects/info" "$REPO/refs/arpkeeper"
	agent_start
	mkdir "$SHORT/home"
	chmod 755 "$SHORT"
	chown nobody:nogroup "$SHORT/home"
	unset GIT_CONFIG_GLOBAL
	as_nobody git config --global --add safe.directory "$REPO"
	CLONE=$SHORT/home/clone
	as_nobody git clone -q "$REPO" "$CLONE"
	for n in $(seq 90 99); do
		nobody_pushes "10.0.0.$n"
		ak set "10.0.0.1$n" "$ELSEWHERE"
	done
	await 5 at_rest
}

# As README.md says. What members make must be the recorder's to remove.
@test "members of the recorder's group push, and the recorder removes what it has merged" {
	local n user=64123
	as_nobody test -x "$RESULT" || skip "others may not enter this checkout"
	agent_stop
	chown -R "$user:$user" "$REPO"
	git config -f "$REPO/config" core.sharedRepository group
	find "$REPO/objects" "$REPO/refs" -type d -exec chmod g+ws {} +
	chmod +t "$REPO/objects" "$REPO/refs"
	chmod -R g-ws "$REPO/objects/info" "$REPO/refs/arpkeeper"
	export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
	agent_start --recorder-user "$user"
	mkdir "$SHORT/home"
	chmod 755 "$SHORT"
	chown nobody:nogroup "$SHORT/home"
	unset GIT_CONFIG_GLOBAL
	GROUPS_OF_NOBODY=$user
	as_nobody git config --global --add safe.directory "$REPO"
	CLONE=$SHORT/home/clone
	as_nobody git clone -q "$REPO" "$CLONE"
	for n in $(seq 90 94); do
		nobody_pushes "10.0.0.$n"
		ak set "10.0.0.1$n" "$ELSEWHERE"
	done
	await 5 at_rest
	[ -z "$(git -C "$REPO" for-each-ref refs/heads/merge/)" ]
	refuses grep 'cannot be removed' "$RESULT/agent.log"
}

@test "git worktree add warns at once of branches that the agent moves" {
	local task
	ak set 10.0.0.70 "$ELSEWHERE"
	run git -C "$REPO" worktree add "$SHORT/tree" main
	[ "$status" -eq 0 ]
	says "warning: the agent moves main on" "git push $REPO HEAD:merge/NAME"
	task=$(git -C "$REPO" for-each-ref --count=1 --format='%(refname:short)' refs/heads/task)
	run git -C "$REPO" worktree add "$SHORT/task" "$task"
	[ "$status" -eq 0 ]
	says "warning: only the agent writes $task"
	run git -C "$REPO" worktree add -b mine "$SHORT/mine" main
	[ "$status" -eq 0 ]
	[[ $output != *warning* ]]
	run git -C "$SHORT/tree" switch --detach
	[[ $output != *warning* ]]
	# What it says helps.
	CLONE=$SHORT/mine write_entry 10.0.0.71 02:bb:bb:bb:bb:71
	git -C "$SHORT/mine" add -A
	git -C "$SHORT/mine" commit -qm 'from a work tree'
	run git -C "$SHORT/mine" push "$REPO" HEAD:merge/mine
	[ "$status" -eq 0 ]
	says "merged merge/mine: 1 address changed"
	holds 10.0.0.71 static 02:bb:bb:bb:bb:71
	git -C "$REPO" worktree remove --force "$SHORT/tree"
	git -C "$REPO" worktree remove --force "$SHORT/task"
	git -C "$REPO" worktree remove --force "$SHORT/mine"
	await 5 at_rest
}

# Two known addresses may change at once; the table has .50, .60 to .64.
@test "a push or a command that changes or removes many must be confirmed" {
	local before list=$RESULT/list
	git config -f "$CONFIG" history.guard 2
	ak reload
	[ "$(git -C "$REPO" config arpkeeper.guard)" = 2 ]
	ak set 10.0.0.60-10.0.0.64 "$ELSEWHERE" # they are new
	git -C "$CLONE" pull -q
	before=$(tip)

	# To merge/*, and to main.
	for n in 60 61 62; do
		git -C "$CLONE" rm -q "$(path_of "10.0.0.$n")"
	done
	write_entry 10.0.0.70 02:bb:bb:bb:bb:70
	commit 'cleans up'
	for to in merge/clean main; do
		run push "HEAD:$to"
		[ "$status" -ne 0 ]
		says "refs/heads/$to is refused" "it would change or remove 3 known addresses" "history.guard allows 2 at once" \
			"git push -o confirm=3"
	done
	run push -o confirm=2 HEAD:merge/clean
	[ "$status" -ne 0 ]
	run push -o confirm=x HEAD:merge/clean
	[ "$status" -ne 0 ]
	[ "$(tip)" = "$before" ]

	# By the commands.
	run ak unset 10.0.0.60-10.0.0.64
	[ "$status" -eq 1 ]
	says "unset of 10.0.0.60-10.0.0.64 would change or remove 5 known addresses" "--confirm 5"
	run ak set 10.0.0.60/30 02:bb:bb:bb:bb:01 # .60 to .63
	[ "$status" -eq 1 ]
	says "set of 10.0.0.60/30 would change or remove 4 known addresses" "--confirm 4"
	ak set 10.0.0.60/30 "$ELSEWHERE" # they are there already
	printf '02:bb:bb:bb:bb:%d 10.0.0.%d\n' 60 60 61 61 62 62 80 80 81 81 82 82 >"$list"
	for how in --force '--force --dry-run'; do
		# shellcheck disable=SC2086 # several words
		run ak import "$list" $how
		[ "$status" -eq 1 ]
		says "the import of list would change or remove 3 known addresses" "--confirm 3"
	done
	# A dry run says what it would change, and then that it would be refused.
	[[ ${lines[0]} == "would import 6 addresses of "*": 6 changed" ]]
	ak import "$list" --force --dry-run --json 2>/dev/null | jq -e '.dry_run and .changed == 6'
	run ak unset 10.0.0.60-10.0.0.62 --confirm few
	[ "$status" -eq 2 ]
	[ "$(tip)" = "$before" ]
	lacks 10.0.0.80

	push -o confirm=3 HEAD:merge/clean
	lacks 10.0.0.61
	holds 10.0.0.70 static 02:bb:bb:bb:bb:70
	ak import "$list" --force # now all of it is new
	holds 10.0.0.61 static 02:bb:bb:bb:bb:61
	printf '02:bb:bb:bb:cc:%d 10.0.0.%d\n' 60 60 61 61 62 62 >"$list"
	ak import "$list" --force --confirm 3
	holds 10.0.0.61 static 02:bb:bb:bb:cc:61

	# A branch, by command; and its revert.
	git -C "$CLONE" fetch -q && git -C "$CLONE" reset -q --hard origin/main
	git -C "$CLONE" rm -q "$(path_of 10.0.0.80)" "$(path_of 10.0.0.81)" "$(path_of 10.0.0.82)"
	commit 'goes'
	push HEAD:rack
	run ak merge rack
	[ "$status" -eq 1 ]
	says "merging rack would change or remove 3 known addresses" "--confirm 3"
	ak merge rack --confirm 3
	lacks 10.0.0.80
	run ak revert "$(git -C "$REPO" log -1 --format=%H --grep '^Task: import/' main)"
	[ "$status" -eq 1 ]
	says "would change or remove 3 known addresses" "--confirm 3"

	git config -f "$CONFIG" history.guard off
	ak reload
	ak unset 10.0.0.0/24
	lacks 10.0.0.60
	await 5 at_rest
}
