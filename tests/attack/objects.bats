#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Requests that are not whole, or have no end; times that are not yet; other nodes' histories that hide
# ours. Each stops nothing but itself.
# shellcheck disable=SC2030,SC2031,SC2034 # each test has variables of its own, and lib.bash reads them

load lib

setup() {
	attack_sandbox
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	clone
}

teardown() {
	sandbox_clear
}

# later TIME: as an entry spells it.
later() {
	date -u -d "$1" +%Y-%m-%dT%H:%M:%SZ
}

# begins ADDRESS TIME: its file in the clone says that it began then.
begins() {
	sed -i "s/^since .*/since $(later "$2")/" "$CLONE/$(path_of "$1")"
	git -C "$CLONE" add -A
}

# past_hooks NAME: the clone's HEAD is a merge request, as one makes it who may write the repository.
past_hooks() {
	git -C "$REPO" fetch -q "$CLONE" HEAD
	git -C "$REPO" update-ref "refs/heads/merge/$1" "$(git -C "$CLONE" rev-parse HEAD)"
}

# object NAME: the file of an object that is not packed.
object() {
	local id
	id=$(git -C "$CLONE" rev-parse "$1")
	echo "$REPO/objects/${id:0:2}/${id:2}"
}

# refused_alone NAME WORD...: that merge request is refused with these words; another one is merged, and
# changes are recorded.
refused_alone() {
	local name=$1
	shift
	run ak merge "merge/$name"
	echo "$output"
	[ "$status" -eq 1 ] || return 1
	says "merge/$name is refused, main is as it was" "$@" || return 1
	git -C "$CLONE" fetch -q origin main # what is not whole cannot be fetched
	git -C "$CLONE" checkout -q -B work FETCH_HEAD
	write_entry 10.0.0.70 02:bb:bb:bb:bb:70
	git -C "$CLONE" commit -q -m good
	git -C "$CLONE" push -q origin HEAD:merge/good
	holds 10.0.0.70 static || return 1
	ak set 10.0.0.71 "$ELSEWHERE"
	recorded 10.0.0.71 || return 1
	await 5 at_rest
	git -C "$REPO" update-ref -d "refs/heads/merge/$name"
}

@test "a merge request whose parent is missing is refused, and stops only itself" {
	orphan
	refused_alone orphan "commit 111111111111 is missing, and "
	git -C "$REPO" prune --expire=now
}

@test "a merge request without a file is refused, and stops only itself" {
	write_entry 10.0.0.60 02:bb:bb:bb:bb:60
	git -C "$CLONE" commit -q -m one
	git -C "$REPO" fetch -q "$CLONE" HEAD
	rm -f "$(object "HEAD:$(path_of 10.0.0.60)")"
	git -C "$REPO" update-ref refs/heads/merge/bad "$(git -C "$CLONE" rev-parse HEAD)"
	refused_alone bad "$(path_of 10.0.0.60) of commit "
	lacks 10.0.0.60
	rm -f "$REPO/FETCH_HEAD"
	git -C "$REPO" prune --expire=now
}

@test "a merge request seventy folders deep is refused, by the hook and behind it, and stops only itself" {
	local deep
	deep=$(printf 'd/%.0s' {1..70})
	mkdir -p "$CLONE/$deep"
	echo x >"$CLONE/${deep}file"
	git -C "$CLONE" add -A
	git -C "$CLONE" commit -q -m deep
	run git -C "$CLONE" push origin HEAD:merge/deep
	[ "$status" -ne 0 ]
	says "folders are nested more than 64 deep"
	past_hooks deep
	refused_alone deep "folders are nested more than 64 deep"
}

@test "an entry that begins in the future is refused, by the hook and behind it" {
	write_entry 10.0.0.50 02:bb:bb:bb:bb:50
	begins 10.0.0.50 '400 days'
	git -C "$CLONE" commit -q -m 'mine until next year'
	for ref in main merge/later; do
		run git -C "$CLONE" push origin "HEAD:$ref"
		[ "$status" -ne 0 ]
		says "$(path_of 10.0.0.50): since $(later '400 days' | cut -c1-10)" "ahead of this host's clock"
	done
	past_hooks later
	refused_alone later "ahead of this host's clock"
	holds 10.0.0.50 static "$ELSEWHERE"
}

@test "an import does not begin in the future" {
	printf '{"entries": [{"address": "10.0.0.60", "mac": "%s", "since": "%s"}]}' "$ELSEWHERE" \
		"$(later '400 days')" >"$SHORT/list.json"
	ak import "$SHORT/list.json"
	recorded 10.0.0.60
	[[ $(entry 10.0.0.60 since) < $(later '1 minute') ]]
	await 5 at_rest
}

@test "what begins in the future on a node that is pulled begins now" {
	agent_stop
	write_entry 10.0.0.50 02:bb:bb:bb:bb:50
	write_entry 10.0.0.60 02:bb:bb:bb:bb:60
	begins 10.0.0.50 '400 days'
	begins 10.0.0.60 '400 days'
	git -C "$CLONE" commit -q -m 'a clock that is ahead'
	agent_start --pull "$CLONE"
	holds 10.0.0.60 static 02:bb:bb:bb:bb:60
	[[ $(entry 10.0.0.60 since) < $(later '1 minute') ]]
	grep -q 'begin in the future' "$RESULT/agent.log"
	await 5 at_rest
	[ "$(git -C "$REPO" log -p --format= main -- lan | grep -c "^+since $(later '400 days' | cut -c1-10)")" -eq 2 ]
	agent_stop
	agent_start --pull "$CLONE"
	[[ $(entry 10.0.0.60 since) < $(later '1 minute') ]]
}

@test "a pull from a shallow clone hides none of our commits" {
	local before
	ak set 10.0.0.51 "$ELSEWHERE"
	agent_stop
	before=$(git -C "$REPO" rev-list --count main)
	git clone -q --depth 1 "file://$REPO" "$SHORT/shallow"
	CLONE=$SHORT/shallow
	write_entry 10.0.0.60 02:bb:bb:bb:bb:60
	git -C "$CLONE" commit -q -m 'on top of a shallow history'
	agent_start --pull "$CLONE"
	holds 10.0.0.60 static
	[ ! -e "$REPO/shallow" ]
	[ "$(git -C "$REPO" rev-list --count main)" -gt "$before" ]
	run ak log 10.0.0.50
	says "$ELSEWHERE"
}

# ahead COMMAND...: where all clocks are 400 days ahead, and called synchronised.
ahead() {
	mkdir -p "$SHORT/upper" "$SHORT/work"
	# shellcheck disable=SC2016 # for the shell inside
	unshare --mount sh -ec '
		mount -t tmpfs arpkeeper-test /usr/local/lib
		cp "$1" /usr/local/lib/libahead.so
		mount -t tmpfs arpkeeper-test "$2"
		mkdir "$2/upper" "$2/work"
		mount -t overlay -o "lowerdir=/etc,upperdir=$2/upper,workdir=$2/work" arpkeeper-test /etc
		echo /usr/local/lib/libahead.so >/etc/ld.so.preload
		shift 2
		exec "$@"' sh "${ARPKEEPER%/*}/attack/libahead.so" "$SHORT/upper" "$@"
}

# twenty_flushes: after sixteen, upkeep runs.
twenty_flushes() {
	local n
	for ((n = 0; n < 20; n++)); do
		ak set 10.0.0.90 "02:00:00:00:01:$(printf %02x "$n")"
	done
}

@test "a clock that jumps 400 days ahead takes nothing from history, and what it wrote can be changed" {
	local day parent='' tree now
	agent_stop --keep
	now=$(date +%s)
	tree=$(git -C "$REPO" rev-parse 'main^{tree}')
	for ((day = 100; day > 0; day--)); do
		parent=$(GIT_COMMITTER_DATE="$((now - day * 86400)) +0000" \
			git -C "$REPO" commit-tree ${parent:+-p "$parent"} -m "day $day" "$tree")
	done
	git -C "$REPO" update-ref refs/heads/main "$parent"
	git -C "$REPO" update-ref refs/arpkeeper/applied "$parent"
	git config -f "$CONFIG" history.keep 200d
	agent_start
	twenty_flushes
	await 20 test -s "$REPO/arpkeeper/thinned"
	agent_stop --keep
	ahead "$ARPKEEPER" run -c "$CONFIG" --netns "$ID-keeper" >>"$RESULT/agent.log" 2>&1 3>&- &
	AGENT=$!
	await 20 agent_answers_or_ended
	twenty_flushes
	[[ $(entry 10.0.0.90 since) > $(later '399 days') ]]
	await 20 grep -q "clock has jumped, so history.keep removes nothing" "$RESULT/agent.log"
	agent_stop --keep
	[ ! -e "$REPO/shallow" ]
	(($(git -C "$REPO" rev-list --count main) > 100))
	# The clock is right again.
	agent_start
	ak set 10.0.0.90 "$ELSEWHERE"
	recorded 10.0.0.90 "$ELSEWHERE" static
	git -C "$CLONE" fetch -q origin
	git -C "$CLONE" checkout -q -B work origin/main
	write_entry 10.0.0.90 02:bb:bb:bb:bb:90
	git -C "$CLONE" commit -q -m 'from a clock that is right'
	git -C "$CLONE" push -q origin HEAD:merge/right
	holds 10.0.0.90 static 02:bb:bb:bb:bb:90
	await 5 at_rest
}
