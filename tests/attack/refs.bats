#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A user who may push takes names that mean something to git or to the agent, or writes commits in the
# agent's name.

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

push() {
	git -C "$CLONE" push origin "$@"
}

commit() {
	git -C "$CLONE" commit -q --allow-empty -m "$@"
}

references() {
	git -C "$REPO" for-each-ref --format='%(objectname) %(refname)' | grep -v /merge/
}

# refused_push REFSPEC WORD...: the push fails with these words, and moves nothing.
refused_push() {
	local refspec=$1 before
	shift
	before=$(references)
	run push "$refspec"
	echo "$refspec: $output"
	[ "$status" -ne 0 ] || return 1
	says "$@" || return 1
	diff <(echo "$before") <(references)
}

@test "names that git or the agent gives a meaning are refused, and the refusal says what to do" {
	local name
	commit 'mine'
	for name in task task/learn/20260101-000001 merge main/x alerts alerts/x HEAD refs/heads/main; do
		refused_push "HEAD:refs/heads/$name" "refs/heads/$name is refused" "merge/<any name>" || [[ $name == alerts* ]]
	done
	for name in main merge/x task/x alerts HEAD refs/heads/main heads/main; do
		refused_push "HEAD:refs/tags/$name" "refs/tags/$name is refused" "another name"
	done
	for name in replace/"$(tip)" notes/commits notes/arpkeeper arpkeeper/applied arpkeeper/x remotes/origin/main stash \
		bisect/bad for/main main heads/node/lan/leaf7 heads/node fleet/from/hub/lan/leaf7 fleet/floors; do
		refused_push "HEAD:refs/$name" "refs/$name is refused"
	done
	refused_push ":refs/arpkeeper/applied" "only the agent"
	refused_push ":refs/heads/alerts" "only the agent" || [[ -z $(git -C "$REPO" for-each-ref refs/heads/alerts) ]]
}

@test "branches and tags of other names may be pushed, moved and removed" {
	commit 'mine'
	push HEAD:refs/heads/planned HEAD:refs/heads/maintenance HEAD:refs/heads/merge-me HEAD:refs/tags/v1 \
		HEAD:refs/tags/mainframe
	commit 'more'
	push HEAD:refs/heads/planned
	push :refs/heads/planned :refs/tags/v1
}

@test "what an older version let in can still be removed" {
	git -C "$REPO" update-ref "refs/replace/$(tip)" "$(git -C "$REPO" rev-parse 'main^{tree}^{tree}' || tip)"
	git -C "$REPO" update-ref refs/notes/commits main
	push ":refs/replace/$(tip)" :refs/notes/commits
}

@test "a replace reference does not make a rewritten main look like a fast-forward" {
	local before old fake
	before=$(tip)
	# The other main, as if the present one were its parent.
	git -C "$CLONE" checkout -q --orphan other
	git -C "$CLONE" commit -q -m 'arpkeeper: another life'
	old=$(git -C "$CLONE" rev-parse HEAD)
	fake=$(git -C "$CLONE" commit-tree -p "$before" -m fake "$old^{tree}")
	# By hand, as a member of the group could, or an older version's push.
	git -C "$REPO" fetch -q "$CLONE" "$fake" "$old" 2>/dev/null || git -C "$CLONE" push -q origin "$fake:refs/heads/aside" "$old:refs/heads/aside2"
	git -C "$REPO" update-ref "refs/replace/$old" "$fake"
	run push -f "$old:refs/heads/main"
	echo "$output"
	[ "$status" -ne 0 ]
	says "not a fast-forward"
	GIT_NO_REPLACE_OBJECTS=1 git -C "$REPO" merge-base --is-ancestor "$before" main
	git -C "$REPO" update-ref -d "refs/replace/$old"
}

@test "grafts do not make a rewritten main look like a fast-forward" {
	local before other
	before=$(tip)
	git -C "$CLONE" checkout -q --orphan other
	git -C "$CLONE" commit -q -m 'arpkeeper: another life'
	other=$(git -C "$CLONE" rev-parse HEAD)
	mkdir -p "$REPO/info"
	echo "$other $before" >"$REPO/info/grafts"
	run push -f "$other:refs/heads/main"
	[ "$status" -ne 0 ]
	rm "$REPO/info/grafts"
	git -C "$REPO" merge-base --is-ancestor "$before" main
}

@test "main is not moved, nor deleted, through a symbolic reference" {
	local before
	before=$(tip)
	git -C "$REPO" symbolic-ref refs/heads/alias refs/heads/main
	git -C "$CLONE" checkout -q --orphan other
	git -C "$CLONE" commit -q -m 'arpkeeper: another life'
	refused_push "+HEAD:refs/heads/alias" "symbolic reference to refs/heads/main"
	refused_push ":refs/heads/alias" "symbolic reference to refs/heads/main"
	git -C "$REPO" symbolic-ref -d refs/heads/alias
	[ "$(tip)" = "$before" ]
}

@test "a shallow clone's push adds no boundary" {
	ak set 10.0.0.51 "$ELSEWHERE"
	git clone -q --depth 1 "file://$REPO" "$SHORT/shallow"
	git -C "$SHORT/shallow" commit -q --allow-empty -m 'from a shallow clone'
	git -C "$SHORT/shallow" push origin HEAD:merge/shallow
	git -C "$SHORT/shallow" fetch -q --depth 1 origin
	git -C "$SHORT/shallow" checkout -q --orphan other
	git -C "$SHORT/shallow" commit -q --allow-empty -m 'another'
	# A commit whose parent it never had.
	git -C "$REPO" config receive.shallowUpdate true
	agent_stop
	agent_start
	[ "$(git -C "$REPO" config receive.shallowUpdate)" = false ]
	[ ! -e "$REPO/shallow" ]
}

# task_of ADDRESS: the last task that set it.
task_of() {
	git -C "$REPO" log -1 --format='%(trailers:key=Task,valueonly)' main -- "$(path_of "$1")" | head -n 1
}

@test "a trailer that a pushed commit carries is not believed" {
	local task
	task=$(task_of 10.0.0.50)
	write_entry 10.0.0.80 02:bb:bb:bb:bb:80
	git -C "$CLONE" commit -q -m "learn: 10.0.0.80 is at 02:bb:bb:bb:bb:80

Task: $task
Segment: lan
Interface: lan0
Trigger: request"
	push HEAD:merge/forged
	holds 10.0.0.80 static
	# It reads as what it is, a person's.
	run ak log 10.0.0.80 --json
	[ "$(jq -r '.events[0].task // ""' <<<"$output")" != "$task" ]
	refuses grep -q '"trigger": "request"' <<<"$output"
	# And to undo the agent's task does not undo the other's change.
	ak revert "$task"
	lacks 10.0.0.50
	holds 10.0.0.80 static
	# Nor is the next task numbered by it.
	await 5 at_rest
}

@test "a commit in the agent's name is refused, named with its committer" {
	local name
	write_entry 10.0.0.81 02:bb:bb:bb:bb:81
	for name in arpkeeper ArpKeeper; do
		GIT_COMMITTER_NAME=$name GIT_COMMITTER_EMAIL=$name@$(hostname) git -C "$CLONE" commit -q --allow-empty -m "as $name

Task: learn/20260101-000001"
		commit 'on top, as myself'
		refused_push HEAD:merge/forged "committer" "user.email"
		refused_push HEAD:main "committer"
		refused_push HEAD:refs/heads/branch "committer"
		refused_push HEAD:refs/tags/tag "committer"
		git -C "$CLONE" tag -f -a -m note annotated
		refused_push refs/tags/annotated "committer"
		# Nor if git finds it in the pusher's own objects, and it is not sent at all.
		run push --receive-pack="env GIT_ALTERNATE_OBJECT_DIRECTORIES='$CLONE/.git/objects' git receive-pack" HEAD:merge/forged
		((status != 0))
		says "committer"
		git -C "$CLONE" reset -q --soft HEAD~2
	done
	lacks 10.0.0.81
}

@test "cherry-picks, reverts and merges of the agent's own commits may be pushed" {
	local set
	set=$(git -C "$REPO" log -1 --format=%H main -- "$(path_of 10.0.0.50)")
	git -C "$CLONE" revert --no-edit "$set"
	push HEAD:merge/reverted
	lacks 10.0.0.50
	git -C "$CLONE" fetch -q
	git -C "$CLONE" reset -q --hard origin/main
	git -C "$CLONE" cherry-pick "$set"
	push HEAD:merge/picked
	holds 10.0.0.50 static
	ak set 10.0.0.51 "$ELSEWHERE"
	git -C "$CLONE" fetch -q
	git -C "$CLONE" reset -q --hard HEAD~1
	commit 'of mine'
	git -C "$CLONE" merge -q -m 'with theirs' origin/main
	push HEAD:merge/merged
	push "$(git -C "$CLONE" rev-parse origin/main):refs/heads/copy"
	await 5 at_rest
}
