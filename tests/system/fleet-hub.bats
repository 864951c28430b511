#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Requests at the hub itself: people push merge/* there, a node takes them, and the answer is a note on the pushed commit.
# shellcheck disable=SC2034 # fleet.bash reads the variables

load lib
load nodes
load fleet

setup() {
	sandbox
	pair
	far_wire
	HUB=$RESULT/hub.git
	git init -q --bare "$HUB"
	takes_requests a
	on b
	up
	second=$(date +%s)
	await 3 later_than "$second" # else both histories begin with the same commit
	on a
	up
	await 15 published a
	CLONE=$SHORT/person
}

teardown() {
	nodes_clear
}

# takes_requests NODE: from its next start on.
takes_requests() {
	REMOTES[$1]="hub=$HUB operators=on"
}

# published NODE: the hub has that node's main.
published() {
	[[ $(git -C "$HUB" rev-parse -q --verify "table/leaf-$1") == "$(at "$1" tip)" ]]
}

later_than() {
	(($(date +%s) > $1))
}

# person NODE: a clone of the hub, at that node's table.
person() {
	rm -rf "$CLONE"
	git clone -q -b "table/leaf-$1" "$HUB" "$CLONE"
}

# asks NAME: what is added to the clone is a commit, pushed to merge/NAME.
asks() {
	git -C "$CLONE" commit -q -m "$1"
	git -C "$CLONE" push -q origin "HEAD:refs/heads/merge/$1"
	git -C "$CLONE" rev-parse HEAD >"$RESULT/${1##*/}.id"
}

# note NAME: the answer.
note() {
	git -C "$HUB" notes --ref=arpkeeper show "$(<"$RESULT/$1.id")" 2>/dev/null
}

# answered_with NAME OUTCOME: it has a note, and its reference is gone.
answered_with() {
	note "${1##*/}" | grep -qx "Outcome: $2" && ! git -C "$HUB" rev-parse -q --verify "refs/heads/merge/$1"
}

@test "a request at the hub is in every node's table, with a note on it, and its reference is gone" {
	person a
	write_entry 10.0.0.50 "$ELSEWHERE"
	asks ada/desk
	await 15 answered_with ada/desk merged
	note desk | head -n 1 | grep -qx 'merged merge/ada/desk: 1 address changed'
	note desk | grep -qx 'Node: leaf-a'
	holds 10.0.0.50 static "$ELSEWHERE"
	await 15 at b holds 10.0.0.50 static "$ELSEWHERE"
	at b answered h2 10.0.0.50 "$ELSEWHERE"
	# It is that person's, and what the node says.
	git -C "$REPO" log -1 --format=%an main -- "$(path_of 10.0.0.50)" | grep -qx Ada
	git -C "$HUB" show "node/lan/leaf-a:$(path_of 10.0.0.50)" | grep -qx "mac $ELSEWHERE"
	reported '.remotes[0].operators' | jq -e '.holder == "leaf-a" and .waiting == 0 and .merged == 1'
	# The next one goes on from there.
	git -C "$CLONE" pull -q --ff-only
	git -C "$CLONE" rm -q "$(path_of 10.0.0.50)"
	asks gone
	await 15 answered_with gone merged
	lacks 10.0.0.50
	await 15 at b lacks 10.0.0.50
	await 15 published a
}

@test "what was pushed to a node of a fleet is removed by the next push, and undone by revert" {
	# Its claim has a later time than the file that was pushed.
	CLONE=$SHORT/clone
	git clone -q "$REPO" "$CLONE"
	write_entry 10.0.0.50 "$ELSEWHERE"
	git -C "$CLONE" commit -qm set
	git -C "$CLONE" push -q origin HEAD:merge/set
	git -C "$CLONE" pull -q --ff-only
	git -C "$CLONE" rm -q "$(path_of 10.0.0.50)"
	git -C "$CLONE" commit -qm unset
	run git -C "$CLONE" push -q origin HEAD:merge/unset
	says 'merged merge/unset: 1 address changed'
	lacks 10.0.0.50
	ak set 10.0.0.50 "$ELSEWHERE"
	run ak revert "$(git -C "$REPO" rev-parse main)"
	says '1 address changed'
	lacks 10.0.0.50
}

@test "a request that is refused has the words that a push to the node has" {
	person a
	mkdir -p "$CLONE/lan/10.0/10.0.0"
	printf 'mac nonsense\nstate static\n' >"$CLONE/$(path_of 10.0.0.51)"
	git -C "$CLONE" add -A
	asks wrong
	await 15 answered_with wrong refused
	run git -C "$CLONE" push "$REPO" HEAD:refs/heads/merge/wrong
	((status != 0))
	diff <(note wrong | sed '/^$/,$d') <(sed -n 's/^remote: //p' <<<"$output" | sed 's/ *$//')
	says '10.0.0.51' 'mac'
	refuses git -C "$REPO" cat-file -e "$(<"$RESULT/wrong.id")"
	refuses recorded 10.0.0.51
	# A person may not sign as the agent.
	git -C "$CLONE" reset -q --hard origin/table/leaf-a
	write_entry 10.0.0.52 "$ELSEWHERE"
	GIT_COMMITTER_NAME=arpkeeper GIT_COMMITTER_EMAIL="arpkeeper@$(hostname)" asks forged
	await 15 answered_with forged refused
	note forged | grep -q 'stands for the agent'
	lacks 10.0.0.52
}

@test "what is asked for while the node is away, or is killed at it, is merged once" {
	person a
	agent_kill
	write_entry 10.0.0.50 "$ELSEWHERE"
	asks desk
	up
	await 15 answered_with desk merged
	# Killed at any moment of it.
	local n
	for n in 1 2 3 4; do
		git -C "$CLONE" fetch -q
		git -C "$CLONE" reset -q --hard origin/table/leaf-a
		write_entry "10.0.0.6$n" "$ELSEWHERE"
		asks "kill$n"
		pause $((n * 150))
		agent_kill
		up
		await 15 answered_with "kill$n" merged
		holds "10.0.0.6$n" static "$ELSEWHERE"
		(($(git -C "$REPO" rev-list --count --author=Ada "--grep=^kill$n" main) == 1))
	done
	await 15 at b holds 10.0.0.64 static "$ELSEWHERE"
}

@test "when the node that takes requests is silent, another one does" {
	at b agent_stop
	takes_requests b
	at b up
	person a
	write_entry 10.0.0.50 "$ELSEWHERE"
	agent_kill
	asks desk
	# Its table is another one: what was based on the first one must be based on that.
	await 40 answered_with desk refused
	note desk | grep -qx 'Node: leaf-b'
	note desk | grep -q 'no history in common'
	await 15 published b
	person b
	write_entry 10.0.0.50 "$ELSEWHERE"
	asks again
	await 15 answered_with again merged
	at b holds 10.0.0.50 static "$ELSEWHERE"
	# The first one gets it from there, and leaves requests to the other.
	up
	await 15 holds 10.0.0.50 static "$ELSEWHERE"
	git -C "$CLONE" pull -q --ff-only
	write_entry 10.0.0.51 "$ELSEWHERE"
	asks more
	await 15 answered_with more merged
	note more | grep -qx 'Node: leaf-b'
}

@test "a hub that takes no notes, or removes nothing, is an alert, once, and the rest goes on" {
	# shellcheck disable=SC2016 # for the hook
	printf '#!/bin/sh\n[ "$1" != refs/notes/arpkeeper ]\n' >"$HUB/hooks/update"
	chmod +x "$HUB/hooks/update"
	person a
	write_entry 10.0.0.50 "$ELSEWHERE"
	asks desk
	await 15 grep -q 'branch merge/desk of remote hub is left out (unanswered): it is merged' "$RESULT/agent.log"
	holds 10.0.0.50 static "$ELSEWHERE"
	await 15 at b holds 10.0.0.50 static "$ELSEWHERE"
	await 15 has_incident unanswered
	rm "$HUB/hooks/update"
	git -C "$HUB" config receive.denyDeletes true
	git -C "$CLONE" fetch -q
	git -C "$CLONE" reset -q --hard origin/table/leaf-a
	write_entry 10.0.0.51 "$ELSEWHERE"
	asks more
	await 15 grep -q 'branch merge/more of remote hub is left out (unanswered)' "$RESULT/agent.log"
	note more | grep -qx 'Outcome: merged'
	await 5 git -C "$HUB" rev-parse -q --verify merge/desk
	(($(grep -c 'branch merge/desk of remote hub is left out' "$RESULT/agent.log") == 1))
	# A hub that is mended gets the rest, when it is asked to.
	git -C "$HUB" config --unset receive.denyDeletes
	ak sync
	answered_with desk merged
	answered_with more merged
}

@test "a node knows what another one has not seen" {
	ak set 10.0.0.50 "$ELSEWHERE"
	await 15 at b holds 10.0.0.50 static "$ELSEWHERE"
	at b ak sync
	at b ak sync
	at b agent_stop
	ak sync
	reported '.remotes[0].seen' | jq -e '.nodes == 1 and .behind == []'
	ak unset 10.0.0.50
	ak sync
	ak sync
	reported '.remotes[0].seen.behind[0]' | jq -e '.node == "leaf-b" and .branch == "lan/leaf-a" and .commits == 1 and .since != null'
	ak fleet --json | jq -e '.nodes[1] | .node == "leaf-b" and .lacks.commits == 1 and .lacks.since != null'
	at b up
	at b ak sync
	at b ak sync
	ak sync
	reported '.remotes[0].seen' | jq -e '.behind == []'
}
