#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Stock git beside a busy agent (invariant 6). `make soak` does it for longer;
# BESIDE_SEED repeats a run.

load lib

setup() {
	sandbox
}

teardown() {
	sandbox_clear
}

@test "pushes, gc, repack, prune, pack-refs, maintenance, clones and update-ref beside a busy agent lose nothing" {
	"$ROOT/tests/soak/beside.py" --work "$RESULTS/beside" --seconds 10 \
		${BESIDE_SEED:+--seed "$BESIDE_SEED"} 3>&-
}

@test "a multi-pack index that git wrote, and took away again, does not blind the agent" {
	pair
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	clone
	write_entry 10.0.0.81 02:bb:bb:bb:bb:81
	git -C "$CLONE" commit -qm 'for later'
	git -C "$REPO" fetch -q "$CLONE" HEAD:later
	git -C "$REPO" repack -dq
	git -C "$REPO" multi-pack-index write --no-progress
	# What is new makes the agent look for packs, and find the index.
	git -C "$CLONE" checkout -q -b now HEAD~1
	write_entry 10.0.0.82 02:bb:bb:bb:bb:82
	git -C "$CLONE" commit -qm 'for now'
	git -C "$CLONE" push -q origin HEAD:merge/now
	git -C "$REPO" repack -adq
	ak merge later
	recorded 10.0.0.81
	ak set 10.0.0.51 "$ELSEWHERE"
	recorded 10.0.0.51 "$ELSEWHERE"
	await 5 at_rest
	refuses grep -q 'cannot be written' "$RESULT/agent.log"
}

# Every branch has moved on: what the clone has is an anchor.
@test "a push from a clone that is 70 tasks old sends what is new" {
	local n
	pair
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	clone
	for n in {1..70}; do
		ak set "10.0.0.$((100 + n))" "02:00:00:00:01:$(printf %02x "$n")"
	done
	write_entry 10.0.0.81 02:bb:bb:bb:bb:81
	git -C "$CLONE" commit -qm 'a push'
	run git -C "$CLONE" push --progress origin HEAD:merge/one
	says 'Total 6 (' 'merged merge/one: 1 address changed' 'git config fetch.prune true'
	# That was said once. As README.md says, main and alerts come alone.
	run git -C "$CLONE" push origin HEAD:merge/two
	[[ $output != *fetch.prune* ]]
	git clone -q --single-branch --branch main -c remote.origin.fetch='+refs/heads/alert*:refs/remotes/origin/alert*' \
		"file://$REPO" "$SHORT/alone"
	# An incident: a station claims an address that was set.
	frames h1 send --spa 10.0.0.50 --tpa 10.0.0.1 --sha 02:00:00:00:00:11
	await 5 git -C "$REPO" rev-parse -q --verify refs/heads/alerts
	git -C "$SHORT/alone" fetch -q
	[[ $(git -C "$SHORT/alone" for-each-ref --format='%(refname)' refs/remotes | grep -v HEAD | xargs) == \
		'refs/remotes/origin/alerts refs/remotes/origin/main' ]]
	(($(git -C "$REPO" for-each-ref refs/arpkeeper/anchor | wc -l) <= 64))
}

# before_judging COMMANDS: what happens when git has received a push, and the hook has not seen it.
before_judging() {
	cat >"$REPO/hooks/pre-receive" <<-END
		#!/bin/sh
		$1
		exec "$ARPKEEPER" hook pre-receive
	END
	chmod +x "$REPO/hooks/pre-receive"
}

@test "a push that is pruned while the hook judges it is refused for that reason, and can be pushed again" {
	local outside='env -u GIT_QUARANTINE_PATH -u GIT_OBJECT_DIRECTORY -u GIT_ALTERNATE_OBJECT_DIRECTORIES'
	pair
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	clone
	write_entry 10.0.0.81 02:bb:bb:bb:bb:81
	git -C "$CLONE" commit -qm 'a push'
	# All of it, or nothing but the folder: git takes away one file after the other.
	for prune in "$outside git prune --expire=now" "rm -f \"\$GIT_QUARANTINE_PATH\"/pack/pack-*"; do
		before_judging "$prune"
		run git -C "$CLONE" push -q origin HEAD:merge/one
		((status != 0))
		says 'pruned before it was judged' 'push again'
	done
	before_judging :
	git -C "$CLONE" push -q origin HEAD:merge/one
	recorded 10.0.0.81
}

@test "a clone that has the objects of a refused push can fetch after they were pruned" {
	local vain
	pair
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	clone
	write_entry 10.0.0.81 02:bb:bb:bb:bb:81
	git -C "$CLONE" commit -qm 'too late'
	vain=$(git -C "$CLONE" rev-parse HEAD)
	git -C "$REPO" fetch -q "$CLONE" HEAD
	ak set 10.0.0.51 "$ELSEWHERE"
	# git's own race, in every version so far: upload-pack knows the commit, pack-objects does not any more.
	printf '#!/bin/sh\ngit prune --expire=now\nexec "$@"\n' >"$SHORT/prune-first"
	chmod +x "$SHORT/prune-first"
	printf '[uploadpack]\n\tpackObjectsHook = %s\n' "$SHORT/prune-first" >"$SHORT/gitconfig"
	run env GIT_CONFIG_GLOBAL="$SHORT/gitconfig" git -C "$CLONE" fetch -q
	((status == 0)) || says "bad object $vain"
	git -C "$CLONE" fetch -q
}
