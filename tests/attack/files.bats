#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A user who may write in the repository, or beside it, plants symbolic links and folders where the agent
# keeps its own files: the agent would write elsewhere, as the user that it runs as.

load lib

OWN='upkeep.lock thinned to-remove since loose retired index index.new keep taking incoming.pack incoming.idx incoming.keep'

setup() {
	attack_sandbox
	mkdir "$SHORT/elsewhere"
	echo 'a file of the machine' >"$SHORT/victim"
	chmod 600 "$SHORT/victim"
}

teardown() {
	sandbox_clear
}

# The victim is as it was, to the mode, and nothing was put into the folder.
untouched() {
	[[ $(cat "$SHORT/victim") == 'a file of the machine' && $(stat -c %a:%h "$SHORT/victim") == 600:1 ]] || {
		ls -l "$SHORT/victim"
		head -c 200 "$SHORT/victim"
		return 1
	}
	[[ -z $(ls -A "$SHORT/elsewhere") ]] || {
		ls -l "$SHORT/elsewhere"
		return 1
	}
}

# started_agent: an agent, and history in which upkeep has something to do.
started_agent() {
	local n
	agent_start
	for n in 50 51 52 53; do
		ak set "10.0.0.$n" "$ELSEWHERE"
	done
}

upkeep() {
	"$ARPKEEPER" hook upkeep --repo "$REPO" --now --keep "$1"
}

@test "a link in place of the lock is not followed at the start" {
	started_agent
	agent_stop
	ln -sf "$SHORT/victim" "$REPO/arpkeeper.lock"
	refused_start "$REPO/arpkeeper.lock" "symbolic link"
	untouched
}

@test "a link in place of a hook that is being written is not followed" {
	started_agent
	agent_stop
	rm "$REPO/hooks/pre-receive"
	ln -s "$SHORT/victim" "$REPO/hooks/pre-receive.new"
	run timeout 20 "$ARPKEEPER" run -c "$CONFIG" --netns "$ID-keeper"
	[ "$status" -eq 1 ]
	says pre-receive.new "symbolic link"
	untouched
}

@test "links in place of the agent's own files are refused at the start" {
	local name
	started_agent
	agent_stop
	for name in $OWN; do
		mv "$REPO/arpkeeper/$name" "$SHORT/kept" 2>/dev/null || true
		ln -s "$SHORT/victim" "$REPO/arpkeeper/$name"
		refused_start "$REPO/arpkeeper/$name" "symbolic link"
		rm "$REPO/arpkeeper/$name"
		[[ ! -e $SHORT/kept ]] || mv "$SHORT/kept" "$REPO/arpkeeper/$name"
		untouched
	done
}

@test "links that appear in place of the agent's own files while it runs are not followed" {
	local name
	started_agent
	for name in $OWN joining; do
		rm -rf "$REPO/arpkeeper/$name"
		ln -s "$SHORT/victim" "$REPO/arpkeeper/$name"
	done
	for name in 61 62 63 64; do
		ak set "10.0.0.$name" "$ELSEWHERE"
	done
	git -C "$REPO" hash-object -w -t blob "$CONFIG"
	run upkeep 1
	run ak log 10.0.0.50
	agent_stop
	run upkeep 1
	untouched
}

@test "a folder elsewhere in place of the agent's own is not written to, and the agent goes on when it is back" {
	started_agent
	mv "$REPO/arpkeeper" "$SHORT/kept"
	ln -s "$SHORT/elsewhere" "$REPO/arpkeeper"
	timeout 3 "$ARPKEEPER" set -c "$CONFIG" 10.0.0.60 "$ELSEWHERE" || true
	run upkeep 0
	[ "$status" -eq 1 ]
	says "symbolic link"
	untouched
	await 10 grep -q "symbolic link" "$RESULT/agent.log"
	rm "$REPO/arpkeeper"
	mv "$SHORT/kept" "$REPO/arpkeeper"
	await 20 recorded 10.0.0.60
	untouched
}

@test "a folder that others may write is not taken for the agent's own" {
	started_agent
	chmod g+w "$REPO/arpkeeper"
	run upkeep 0
	[ "$status" -eq 1 ]
	says "$REPO/arpkeeper" "others may write it"
	chmod g-w "$REPO/arpkeeper"
	upkeep 0
}

# prepared_folder: what another user may make beside a repository in a folder that all may write.
prepared_folder() {
	chmod 1777 "$SHORT"
	as_other git init -q --bare "$1"
	as_other git -C "$1" config core.alternateRefsCommand "$(program alternates)"
	as_other git -C "$1" config core.fsmonitor "$(program fsmonitor)"
	as_other git -C "$1" config remote.evil.promisor true
	as_other git -C "$1" config remote.evil.url "$SHORT"
	as_other git -C "$1" config remote.evil.uploadpack "$(program uploadpack)"
}

# pulls: the agent starts from another repository.
pulls() {
	run timeout 30 "$ARPKEEPER" run -c "$CONFIG" --netns "$ID-keeper" --pull "$SHORT/other.git"
	echo "$output"
}

@test "a folder that another user has made for what is fetched is not used" {
	started_agent
	agent_stop
	git clone -q --bare "$REPO" "$SHORT/other.git"
	prepared_folder "$REPO.incoming"
	pulls
	[ "$status" -eq 1 ]
	says "$REPO.incoming" "another user"
	nothing_ran
	rm -rf "$REPO.incoming"
	prepared_folder "$SHORT/theirs"
	as_other ln -s "$SHORT/theirs" "$REPO.incoming"
	pulls
	[ "$status" -eq 1 ]
	says "$REPO.incoming" "symbolic link"
	nothing_ran
	[ -d "$SHORT/theirs/refs" ]
}
