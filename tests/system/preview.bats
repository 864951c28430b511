#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a merge would change, before it is merged: review/*, and `arpkeeper preview`.

load lib

setup() {
	sandbox
	pair
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	ak set 10.0.0.51 "$ELSEWHERE"
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

reviews() {
	git -C "$REPO" for-each-ref --format='%(refname) %(objectname)' refs/heads/review/
}

# as_shown FILE: the table at each address of a preview, as "ADDRESS MAC STATE"; "-": nothing.
# shellcheck disable=SC2016 # jq's variables
as_shown() {
	jq -r '.changes[] | "\(.address) \(.then.mac // "-") \(.then.state // "-")",
		(.kept[]? | "\(.address) \(.ours.mac // "-") \(.ours.state // "-")")' "$1" | sort -u
}

in_table() {
	local address
	while read -r address _; do
		ak show "$address" --json | jq -r --arg a "$address" \
			'[.entries[] | select(.address == $a)][0] | "\($a) \(.mac // "-") \(.state // "-")"'
	done
}

@test "a push to review/* waits, is previewed, and its merge is what was shown" {
	local before
	before=$(tip)
	write_entry 10.0.0.80 02:bb:bb:bb:bb:80
	write_entry 10.0.0.50 02:bb:bb:bb:bb:50
	git -C "$CLONE" rm -q "$(path_of 10.0.0.51)"
	commit 'lan: rack 3'
	run push HEAD:review/rack3
	[ "$status" -eq 0 ]
	says "remote: review/rack3 is not merged: it waits to be looked at" "arpkeeper preview review/rack3" \
		"arpkeeper merge review/rack3"
	run ak preview review/rack3
	[ "$status" -eq 0 ]
	output=$(tr -s ' ' <<<"$output")
	says "10.0.0.50 moved $ELSEWHERE, static 02:bb:bb:bb:bb:50, static" "10.0.0.51 removed" "10.0.0.80 new" \
		"3 addresses would change" "to merge it: arpkeeper merge review/rack3"
	[[ $output != *"no agent was asked"* ]]
	ak preview review/rack3 --json >"$RESULT/preview.json"
	[ "$(jq -c '[.total.changes, .total.kept, .total.invalid, .merged, .agent, .guard.exceeds, .command]' "$RESULT/preview.json")" = \
		'[3,0,0,false,true,false,"arpkeeper merge review/rack3"]' ]
	# Nothing has happened, and it stays.
	[ "$(tip)" = "$before" ]
	holds 10.0.0.50 static "$ELSEWHERE"
	lacks 10.0.0.80
	ak merge review/rack3
	diff <(as_shown "$RESULT/preview.json") <(as_shown "$RESULT/preview.json" | in_table)
	holds 10.0.0.50 static 02:bb:bb:bb:bb:50
	lacks 10.0.0.51
	[[ $(reviews) == "refs/heads/review/rack3 "* ]]
	run ak preview review/rack3
	says "nothing to merge: main has it already"
	push :review/rack3
	[ -z "$(reviews)" ]
}

@test "conflicts are shown as the rule then decides them" {
	write_entry 10.0.0.50 02:bb:bb:bb:bb:50 dynamic
	write_entry 10.0.0.51 02:bb:bb:bb:bb:51
	commit 'conflicts'
	push HEAD:review/conflicts
	ak set 10.0.0.50 02:bb:bb:bb:bb:01
	ak unset 10.0.0.51
	run ak preview review/conflicts
	says "main's stays: static beats dynamic" "the branch's wins: the change outlives the removal" \
		"1 address would change, 1 of them over a change of main; 1 change would not be taken"
	ak preview review/conflicts --json >"$RESULT/preview.json"
	[ "$(jq -c '[.overwritten, .kept[0].address, .kept[0].why, .changes[0].why]' "$RESULT/preview.json")" = \
		'[1,"10.0.0.50","static beats dynamic","the change outlives the removal"]' ]
	ak merge review/conflicts
	diff <(as_shown "$RESULT/preview.json") <(as_shown "$RESULT/preview.json" | in_table)
}

@test "the host's own address is shown as refused, where an agent runs" {
	write_entry 10.0.0.1 02:bb:bb:bb:bb:01
	commit 'mine'
	push HEAD:review/own
	run ak preview review/own
	says "the address is the host's own" "0 addresses would change; 1 change would not be taken"
	run "$ARPKEEPER" preview review/own --repo "$REPO" --control /nonexistent
	[ "$status" -eq 0 ]
	says "no agent was asked" "1 address would change"
}

@test "a mass change is shown with the number that the merge asks for" {
	git -C "$REPO" config arpkeeper.guard 1
	git -C "$CLONE" rm -q "$(path_of 10.0.0.50)" "$(path_of 10.0.0.51)"
	commit 'gone'
	push HEAD:review/gone # the guard asks at the merge
	run ak preview review/gone
	says "history.guard = 1" "--confirm 2" "to merge it: arpkeeper merge review/gone --confirm 2"
	[ "$(ak preview review/gone --json | jq -c '[.guard.exceeds, .guard.confirm]')" = '[true,2]' ]
	holds 10.0.0.50 static
}

@test "what is invalid is refused at the push, and named by a preview of what came another way" {
	mkdir -p "$CLONE/$(dirname "$(path_of 10.0.0.90)")"
	printf 'mac 02:00\nstate static\nsince 2026-01-02T03:04:05Z\n' >"$CLONE/$(path_of 10.0.0.90)"
	git -C "$CLONE" add -A
	commit 'invalid'
	run push HEAD:review/invalid
	[ "$status" -ne 0 ]
	says "refs/heads/review/invalid is refused:" "$(path_of 10.0.0.90): line 1"
	[ -z "$(reviews)" ]
	git -C "$REPO" fetch -q "$CLONE" HEAD:refs/heads/review/invalid
	run ak preview review/invalid
	[ "$status" -eq 1 ]
	says "all of it would be refused" "$(path_of 10.0.0.90): line 1"
	run ak preview review/invalid --json
	[ "$(jq -c '[.command, .total.changes, .invalid[0].path]' <<<"$output")" = "[null,0,\"$(path_of 10.0.0.90)\"]" ]
	run ak merge review/invalid
	[ "$status" -eq 1 ]
}

@test "hostile branches: a deep tree, a missing object, none at all, a name that is not one" {
	local tree blob id i
	export GIT_AUTHOR_NAME=p GIT_AUTHOR_EMAIL=p@x GIT_COMMITTER_NAME=p GIT_COMMITTER_EMAIL=p@x
	blob=$(echo x | git -C "$REPO" hash-object -w --stdin)
	tree=$(printf '100644 blob %s\tx\n' "$blob" | git -C "$REPO" mktree)
	for ((i = 0; i < 80; i++)); do tree=$(printf '040000 tree %s\td\n' "$tree" | git -C "$REPO" mktree); done
	id=$(git -C "$REPO" commit-tree -p main -m deep "$tree")
	git -C "$REPO" update-ref refs/heads/review/deep "$id"
	run ak preview review/deep
	[ "$status" -eq 1 ]
	says "all of it would be refused"
	blob=$(printf 'mac 02:bb:bb:bb:bb:91\nstate static\nsince 2026-01-02T03:04:05Z\n' | git -C "$REPO" hash-object -w --stdin)
	tree=$(printf '100644 blob %s\t%s\n' "$blob" 10.0.0.91 | git -C "$REPO" mktree)
	for i in 10.0.0 10.0 lan; do tree=$(printf '040000 tree %s\t%s\n' "$tree" "$i" | git -C "$REPO" mktree); done
	id=$(git -C "$REPO" commit-tree -p main -m missing "$tree")
	git -C "$REPO" update-ref refs/heads/review/missing "$id"
	rm -f "$REPO/objects/${blob:0:2}/${blob:2}"
	run ak preview review/missing
	[ "$status" -eq 1 ]
	says "all of it would be refused" "$blob"
	run ak merge review/missing
	[ "$status" -eq 1 ]
	run ak preview review/none
	[ "$status" -eq 1 ]
	says "no branch or commit is called review/none"
	run ak preview ':/lan'
	[ "$status" -eq 1 ]
	says "is not the name of a branch or commit"
	run ak preview alerts
	[ "$status" -eq 1 ]
	says "log of incidents"
	git -C "$REPO" update-ref -d refs/heads/review/missing
	git -C "$REPO" update-ref -d refs/heads/review/deep
	at_rest
}

@test "text from a branch reaches a terminal without its control characters, and a shell in quotes" {
	write_entry 10.0.0.80 02:bb:bb:bb:bb:80
	echo 'note <script>alert(1)</script>' >>"$CLONE/$(path_of 10.0.0.80)"
	git -C "$CLONE" add -A
	commit 'a note'
	# shellcheck disable=SC2016 # it is not to be expanded
	push 'HEAD:refs/heads/review/$(touch'$'\xc2\x9b''x);y'
	run "$ARPKEEPER" preview "$(reviews | sed 's/^refs.heads.\(.*\) .*/\1/')" --repo "$REPO"
	[ "$status" -eq 0 ]
	# Neither ESC nor the C1 control CSI.
	[[ $output != *$'\e'* && $output != *$'\xc2\x9b'* ]]
	says "arpkeeper merge 'review/\$(touch"
	[ "$(ak preview "$(reviews | sed 's/^refs.heads.\(.*\) .*/\1/')" --json | jq -r '.changes[0].then.note')" = '<script>alert(1)</script>' ]
}

@test "a commit and a merge request are previewed, without an agent, too" {
	local id
	write_entry 10.0.0.80 02:bb:bb:bb:bb:80
	commit 'a printer'
	id=$(git -C "$CLONE" rev-parse HEAD)
	agent_stop
	push HEAD:merge/printer
	run "$ARPKEEPER" preview merge/printer --repo "$REPO"
	[ "$status" -eq 0 ]
	says "10.0.0.80" "1 address would change" "arpkeeper merge merge/printer"
	run "$ARPKEEPER" preview "$id" --repo "$REPO" --json
	[ "$(jq -r .command <<<"$output")" = "git -C $REPO branch review/${id:0:12} $id && arpkeeper merge review/${id:0:12}" ]
	run "$ARPKEEPER" preview main --repo "$REPO"
	says "nothing to merge"
}
