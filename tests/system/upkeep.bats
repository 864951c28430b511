#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The repository stays small beside a running agent: upkeep joins packs and thins old history.

load lib

setup() {
	sandbox
	pair
}

teardown() {
	sandbox_clear
}

# Those whose objects are in another one stay for a minute, for readers that have listed them.
packs() {
	find "$REPO/objects/pack" -name '*.pack' | grep -cvF "$(cut -d' ' -f1 "$REPO/arpkeeper/retired"; echo none)"
}

few_packs() {
	(($(packs) < 24))
}

# backdate DAYS: makes main a history of so many days, a commit a day, as stock git writes it.
backdate() {
	local day now parent='' tree
	now=$(date +%s)
	tree=$(git -C "$REPO" rev-parse 'main^{tree}')
	for ((day = $1; day > 0; day--)); do
		parent=$(GIT_COMMITTER_DATE="$((now - day * 86400)) +0000" \
			git -C "$REPO" commit-tree ${parent:+-p "$parent"} -m "day $day" "$tree")
	done
	git -C "$REPO" update-ref refs/heads/main "$parent"
	git -C "$REPO" update-ref refs/arpkeeper/applied "$parent"
}

@test "the packs of many changes are joined while the agent runs, and nothing is lost" {
	local n
	agent_start
	for ((n = 0; n < 60; n++)); do
		ak set "10.0.0.$((50 + n % 100))" "02:00:00:00:01:$(printf %02x "$n")"
	done
	await 20 few_packs
	(($(commits operator) == 60))
	git -C "$REPO" fsck --strict
	ak set 10.0.0.200 "$ELSEWHERE"
	await 5 recorded 10.0.0.200 "$ELSEWHERE"
	agent_stop
	agent_start
	holds 10.0.0.109 static 02:00:00:00:01:3b
}

@test "a thinned history can be cloned and pushed to, and status reports it" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	agent_stop --keep
	backdate 100
	git clone -q --mirror "file://$REPO" "$SHORT/archive.git"
	# At most half of it goes in a run.
	for _ in 1 2; do
		"$ARPKEEPER" hook upkeep --repo "$REPO" --keep $((30 * 86400 + 3600)) --now
		git -C "$REPO" fsck --strict
	done
	git -C "$REPO" fsck --strict
	(($(git -C "$REPO" rev-list --count main) == 31))
	agent_start
	[[ $(reported .repository.kept_since) == "$(date -u -d '30 days ago' +%Y-%m-)"* ||
		$(reported .repository.kept_since) == "$(date -u -d '31 days ago' +%Y-%m-)"* ]]
	run ak status
	says 'older history was thinned'
	git clone -q "file://$REPO" "$SHORT/clone"
	CLONE=$SHORT/clone
	[[ -e $CLONE/.git/shallow ]]
	write_entry 10.0.0.60 02:00:00:00:02:03
	git -C "$CLONE" commit -qm 'after thinning'
	run git -C "$CLONE" push origin HEAD:merge/after
	says merged
	await 5 holds 10.0.0.60 static 02:00:00:00:02:03
	ak set 10.0.0.61 "$ELSEWHERE"
	await 5 recorded 10.0.0.61
	# An archive from before keeps everything, and serves whom a thinned one cannot: README.md, "Where it stops".
	git -C "$SHORT/archive.git" fetch -q --prune
	[[ ! -e $SHORT/archive.git/shallow ]]
	(($(git -C "$SHORT/archive.git" rev-list --first-parent --count main) >= 102))
	git -C "$SHORT/archive.git" fsck --strict
	git -C "$SHORT/archive.git" bundle create -q "$SHORT/all.bundle" --all
	git clone -q "$SHORT/all.bundle" "$SHORT/from-bundle"
	git -C "$SHORT/archive.git" config uploadpack.allowFilter true
	timeout 20 git clone -q --filter=blob:none "file://$SHORT/archive.git" "$SHORT/partial"
	# The thinned one cannot.
	run git -C "$REPO" bundle create -q "$SHORT/thin.bundle" --all
	run git clone -q "$SHORT/thin.bundle" "$SHORT/from-thin"
	((status != 0))
}

thinned() {
	[[ -e $REPO/shallow ]]
}

filled() {
	git -C "$archive" rev-parse -q --verify main
}

# many_changes N: enough for a run of upkeep, and another one.
many_changes() {
	local n
	for ((n = 0; n < $1; n++)); do
		ak set "10.0.0.$((50 + n % 20))" "02:00:00:00:01:$(printf %02x "$n")"
	done
}

@test "what history.keep removes is in history.archive first; if it cannot be, nothing goes and an alert says so" {
	local archive=$SHORT/archive.git
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	agent_stop --keep
	backdate 100
	git -C "$REPO" rev-list main >"$SHORT/before"
	# A disk without room for it.
	mkdir -p "$archive"
	MOUNTS+=("$archive")
	mount -t tmpfs -o size=24k,mode=755 tmpfs "$archive"
	git config -f "$CONFIG" history.keep 30d
	git config -f "$CONFIG" history.archive "$archive"
	agent_start
	many_changes 18
	await 20 incident_says "history.archive $archive cannot take"
	grep -q "upkeep of .*history.archive $archive: .*history.keep removes nothing until" "$RESULT/agent.log"
	refuses thinned
	mount -o remount,size=64m "$archive"
	# The next day.
	rm -f "$REPO/arpkeeper/thinned"
	many_changes 34
	await 20 filled
	# By a clock that nothing synchronises an agent removes nothing; by hand it is taken as right.
	"$ARPKEEPER" hook upkeep --repo "$REPO" --keep $((30 * 86400)) --archive "$archive" --now
	thinned
	git -C "$archive" rev-list main | sort >"$SHORT/there"
	sort "$SHORT/before" | comm -23 - "$SHORT/there" | refuses grep .
	[[ ! -e $archive/shallow ]]
	git -C "$archive" fsck --strict
	# An agent that runs cannot change it.
	git config -f "$CONFIG" history.archive "$SHORT/other.git"
	run ak reload
	((status != 0))
	says history.archive
}
