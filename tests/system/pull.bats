#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# `arpkeeper run --pull`: a node starts from another node's repository.

load lib
load nodes

ONE=02:bb:bb:bb:bb:01
TWO=02:bb:bb:bb:bb:02

setup() {
	sandbox
	pair
	space keeper-b
	ip -n "$ID-keeper-b" link add lan0 type veth peer name other
	ip -n "$ID-keeper-b" link set lan0 up
	ip -n "$ID-keeper-b" link set other up
	# shellcheck disable=SC2034 # nodes.bash reads it
	NODE_CONFIG=('learn = off')
}

teardown() {
	nodes_clear
}

# refused WORD...: a start with --pull $FROM fails, says so, and leaves everything as it was.
refused() {
	local before after
	before=$(find "$RESULT" -path "$REPO*" | sort | xargs -r -d '\n' ls -ld --time-style=full-iso)
	run timeout 60 "$ARPKEEPER" run -c "$CONFIG" --netns "$SPACE" --pull "$FROM"
	[ "$status" -eq 1 ]
	says "$@"
	after=$(find "$RESULT" -path "$REPO*" | sort | xargs -r -d '\n' ls -ld --time-style=full-iso)
	[ "$before" = "$after" ]
}

# elsewhere: a repository in $FROM with a work tree in $CLONE, as stock git makes it.
elsewhere() {
	FROM=$RESULT/elsewhere.git
	CLONE=$SHORT/elsewhere
	git init -q --bare -b main "$FROM"
	git init -q -b main "$CLONE"
	git -C "$CLONE" remote add origin "$FROM"
}

publish() {
	git -C "$CLONE" commit -q --allow-empty -m "$1"
	git -C "$CLONE" push -q origin HEAD:main
}

node_a_has_two() {
	node a
	up
	ak set 10.0.0.50 "$ONE" --note 'rack 3'
	ak set 10.0.0.51 "$TWO"
}

@test "an empty node starts with the other's history, commit for commit, and answers from it" {
	node_a_has_two
	theirs=$(tip)
	node b
	up --pull "$RESULT/history.git"
	[ "$(tip)" = "$theirs" ]
	holds 10.0.0.50 static "$ONE"
	[ "$(entry 10.0.0.50 note)" = 'rack 3' ]
	await 5 at_rest
	[ ! -e "$REPO.incoming" ]
	refuses compgen -G "$REPO/objects/pack/*.keep"
	[ "$(git -C "$REPO" for-each-ref --format='%(refname)' | grep -v ^refs/arpkeeper/anchor/ | xargs)" = \
		'refs/arpkeeper/applied refs/heads/main' ]
	git -C "$REPO" fsck --strict
	ak set 10.0.0.52 "$ONE"
	agent_stop
	# What was pulled is its own now: a second start needs no other host.
	up
	holds 10.0.0.52 static "$ONE"
	holds 10.0.0.51 static "$TWO"
}

@test "two nodes that pull from each other take each other's changes, by the rule" {
	node_a_has_two
	node b
	up --pull "$RESULT/history.git"
	ak set 10.0.0.60 "$ONE"
	node a
	ak set 10.0.0.51 "$ONE"
	node b
	sleep 1.1 # `since` has seconds
	ak set 10.0.0.51 "$ELSEWHERE"
	agent_stop
	up --pull "file://$RESULT/history.git"
	for address in 10.0.0.50 10.0.0.51 10.0.0.60; do recorded "$address"; done
	holds 10.0.0.51 static "$ELSEWHERE" # the later one
	[ "$(git -C "$REPO" log -1 --format=%s main)" = "merge: file://$RESULT/history.git" ]
	[[ $(git -C "$REPO" log -1 --format='%(trailers:key=Task,valueonly)' main) == sync/* ]]
	git -C "$REPO" log -1 --format=%b main | grep -q '^Chosen: 10.0.0.51 later since'
	git -C "$REPO" merge-base --is-ancestor "$(git -C "$RESULT/history.git" rev-parse main)" main
	await 5 at_rest
	b=$(git -C "$REPO" rev-parse "main^{tree}")
	node a
	ak set 10.0.0.70 "$TWO"
	agent_stop --keep
	up --pull "$RESULT/history-b.git"
	await 5 at_rest
	holds 10.0.0.60 static "$ONE"
	holds 10.0.0.51 static "$ELSEWHERE"
	a=$(git -C "$REPO" rev-parse "main^{tree}")
	[ "$a" != "$b" ] # 10.0.0.70
	node b
	agent_stop
	up --pull "$RESULT/history.git"
	await 5 at_rest
	[ "$(git -C "$REPO" rev-parse "main^{tree}")" = "$a" ]
	[ "$(tip)" = "$(git -C "$RESULT/history.git" rev-parse main)" ] # it was behind
	# Again: nothing to do, and no commit.
	agent_stop
	before=$(tip)
	up --pull "$RESULT/history.git"
	[ "$(tip)" = "$before" ]
}

@test "a history without a common commit is refused by a node that has one, and says what would come back" {
	node_a_has_two
	node b
	sleep 1.1 # two first commits of one host and one second are the same
	up
	ak set 10.0.0.50 "$TWO"
	ak set 10.0.0.51 "$TWO"
	ak unset 10.0.0.51
	agent_stop
	FROM=$RESULT/history.git
	refused "history.git is refused, nothing was changed" "no commit in common with main here" \
		"main lacks 1 of its addresses (10.0.0.51)" "arpkeeper export"
	[ ! -e "$REPO.incoming" ]
	up
	lacks 10.0.0.51
	# What is wanted can be taken over, as it is there.
	ak export --format json --repo "$FROM" >"$RESULT/theirs.json"
	run ak import "$RESULT/theirs.json"
	says "10.0.0.50 is not moved"
	holds 10.0.0.51 static "$TWO"
}

@test "a history with one invalid entry is refused, with path, line and reason, and nothing changes" {
	elsewhere
	node b
	write_entry 10.0.0.80 "$ONE"
	write_entry 10.0.0.81 "$ONE"
	sed -i 's/static/steady/' "$CLONE/$(path_of 10.0.0.81)"
	git -C "$CLONE" add -A
	publish 'half of it is fine'
	refused "is refused, nothing was changed" "$(path_of 10.0.0.81): line 2" steady
	[ ! -e "$REPO" ]
	up
	ak set 10.0.0.50 "$ONE"
	agent_stop
	refused "$(path_of 10.0.0.81)"
}

@test "addresses outside the prefixes are valid, and kept in history but not in the table" {
	elsewhere
	node b
	write_entry 10.0.0.80 "$ONE"
	mkdir -p "$CLONE/dmz/10.9/10.9.0" "$CLONE/lan/10.0/10.0.9"
	cp "$CLONE/$(path_of 10.0.0.80)" "$CLONE/dmz/10.9/10.9.0/10.9.0.7"
	cp "$CLONE/$(path_of 10.0.0.80)" "$CLONE/lan/10.0/10.0.9/10.0.9.1"
	git -C "$CLONE" add -A
	publish 'three segments'
	up --pull "$FROM"
	ak set 10.0.0.50 "$ONE"
	agent_stop
	cp "$CLONE/$(path_of 10.0.0.80)" "$CLONE/dmz/10.9/10.9.0/10.9.0.8"
	git -C "$CLONE" add -A
	publish 'one more'
	up --pull "$FROM"
	grep -q '3 entries, such as .* are outside' "$RESULT/agent.log"
	holds 10.0.0.80 static "$ONE"
	holds 10.0.0.50 static "$ONE"
	git -C "$REPO" cat-file -e main:dmz/10.9/10.9.0/10.9.0.7
	git -C "$REPO" cat-file -e main:dmz/10.9/10.9.0/10.9.0.8
	git -C "$REPO" cat-file -e main:lan/10.0/10.0.9/10.0.9.1
	agent_stop
	echo 'mac nonsense' >"$CLONE/dmz/10.9/10.9.0/10.9.0.7"
	git -C "$CLONE" add -A
	publish 'outside, and no entry'
	refused dmz/10.9/10.9.0/10.9.0.7 "line 1"
}

@test "a repository that is not arpkeeper's is refused" {
	elsewhere
	node b
	FROM=$RESULT/nowhere
	refused "$FROM" "cannot be fetched" "does not appear to be a git repository"
	FROM=$RESULT/elsewhere.git
	refused "has no branch main"
	echo 'int main(void) { return 0; }' >"$CLONE/main.c"
	git -C "$CLONE" add -A
	publish 'a program'
	refused "holds no entry, and is not one of arpkeeper's"
	FROM="ext::sh -c 'touch $SHORT/run'"
	refused "helper program"
	[ ! -e "$SHORT/run" ]
	FROM=--upload-pack=false
	run "$ARPKEEPER" run -c "$CONFIG" --netns "$SPACE" "--pull=$FROM"
	[ "$status" -eq 1 ]
	says "is not a repository"
	[ ! -e "$REPO" ]
}

@test "a source that does not answer is an error, which hides its password" {
	node b
	FROM=http://ada:secret@127.0.0.1:9/history.git
	refused "http://ada@127.0.0.1:9/history.git" "cannot be fetched"
	refuses grep -q secret <<<"$output"
}

@test "run pulls over the network of the namespace that it was called in" {
	node_a_has_two
	inside keeper git daemon --base-path="$RESULT" --export-all --reuseaddr --listen=10.0.0.1 \
		--pid-file="$SHORT/daemon.pid" >"$RESULT/daemon.log" 2>&1 3>&- &
	BACKGROUND+=($!)
	await 5 test -s "$SHORT/daemon.pid"
	node b
	# From h1 (10.0.0.11), beside node a; the agent itself in keeper-b, which reaches no host.
	inside h1 "$ARPKEEPER" run -c "$CONFIG" --netns "$SPACE" --pull git://10.0.0.1/history.git \
		>>"$RESULT/agent-b.log" 2>&1 3>&- &
	# shellcheck disable=SC2034 # nodes.bash and lib.bash read it
	AGENT=$!
	await 20 agent_answers
	holds 10.0.0.50 static "$ONE"
}

@test "a shallow source gives the history that it has, and its boundary" {
	node_a_has_two
	FROM=$RESULT/shallow.git
	git clone -q --bare --depth 1 "file://$RESULT/history.git" "$FROM"
	node b
	up --pull "$FROM"
	holds 10.0.0.50 static "$ONE"
	[ "$(git -C "$REPO" rev-list --count main)" -eq 1 ]
	git -C "$REPO" fsck --strict
	boundary=$(tip)
	ak set 10.0.0.52 "$ONE"
	agent_stop
	up
	holds 10.0.0.52 static "$ONE"
	ak revert "$(git -C "$REPO" log -1 --format='%(trailers:key=Task,valueonly)' main | head -n 1)"
	lacks 10.0.0.52
	ak set 10.0.0.53 "$ONE"
	ak revert "$(tip)"
	lacks 10.0.0.53
	run ak revert "$boundary"
	[ "$status" -eq 1 ]
	says "no longer in the repository"
	await 5 at_rest
}

@test "the map that outlived the last agent is merged with the pulled history" {
	node_a_has_two
	node b
	up --pull "$RESULT/history.git"
	ak set 10.0.0.61 "$ONE"
	node a
	ak set 10.0.0.52 "$ONE"
	node b
	agent_kill
	write_slot 10.0.0.62 "$TWO" 2 1
	up --pull "$RESULT/history.git"
	for address in 10.0.0.50 10.0.0.51 10.0.0.52 10.0.0.61 10.0.0.62; do
		holds "$address" static
	done
	await 5 at_rest
}
