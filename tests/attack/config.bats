#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A user who may push makes git run a program: by the repository's configuration, its hooks, or the
# files that git obeys.

load lib

setup() {
	attack_sandbox
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
}

teardown() {
	rm -f "$REPO/refs/heads/merge/orphan" # fsck misses its parent, rightly
	sandbox_clear
}

config() {
	git config -f "$REPO/config" "$@"
}

# promise UPLOADPACK: a missing object is asked for from a remote that this program serves.
promise() {
	config remote.evil.url "$SHORT"
	config remote.evil.promisor true
	config remote.evil.uploadpack "$1"
}

@test "a promisor remote's upload-pack is not run when the agent misses an object" {
	promise "$(program uploadpack)"
	orphan
	agent_has_looked 10.0.0.51
	nothing_ran
}

@test "a promisor remote in an included file is not asked" {
	promise "$(program uploadpack)"
	mv "$REPO/config" "$SHORT/included"
	git config -f "$REPO/config" core.bare true
	git config -f "$REPO/config" include.path "$SHORT/included"
	orphan
	agent_has_looked 10.0.0.51
	nothing_ran
}

@test "upkeep and the readers run nothing that the configuration names" {
	promise "$(program uploadpack)"
	config core.fsmonitor "$(program fsmonitor)"
	config core.alternateRefsCommand "$(program alternates)"
	config core.sshCommand "$(program ssh)"
	config core.editor "$(program editor)"
	config core.pager "$(program pager)"
	config pager.rev-list true
	config uploadpack.packObjectsHook "$(program packobjects)"
	config gpg.program "$(program gpg)"
	config diff.external "$(program diff)"
	mkdir "$SHORT/hooks"
	cp "$(program hook)" "$SHORT/hooks/reference-transaction"
	config core.hooksPath "$SHORT/hooks"
	orphan
	agent_has_looked 10.0.0.51
	agent_stop
	"$ARPKEEPER" hook upkeep --repo "$REPO" --now --keep 1 || true
	# They miss the parent, and say so.
	ak log 10.0.0.50 || true
	ak at now || true
	ak check "$REPO" || true
	nothing_ran
}

@test "variables of git that the agent was started with do not reach its children" {
	agent_stop
	export GIT_CONFIG_COUNT=3 GIT_CONFIG_KEY_0=remote.evil.promisor GIT_CONFIG_VALUE_0=true \
		GIT_CONFIG_KEY_1=remote.evil.url GIT_CONFIG_VALUE_1="$SHORT" \
		GIT_CONFIG_KEY_2=remote.evil.uploadpack GIT_CONFIG_VALUE_2
	GIT_CONFIG_VALUE_2=$(program uploadpack)
	GIT_TRACE2_EVENT=$SHORT/traced agent_start
	unset GIT_CONFIG_COUNT
	orphan
	agent_has_looked 10.0.0.51
	nothing_ran
	[ ! -e "$SHORT/traced" ]
}

@test "another user's git in the PATH is not run" {
	agent_stop
	mkdir "$SHORT/bin"
	cp "$(program git)" "$SHORT/bin/git"
	PATH="$SHORT/bin:$PATH" agent_start
	orphan
	agent_has_looked 10.0.0.51
	nothing_ran
}

@test "keys for which git runs a program are refused at the start, by name" {
	local key
	agent_stop
	for key in core.fsmonitor core.hooksPath core.sshCommand core.gitProxy core.askPass core.editor core.pager \
		core.alternateRefsCommand core.attributesFile core.worktree credential.helper filter.x.clean filter.x.process \
		diff.x.command diff.x.textconv diff.external merge.x.driver remote.x.uploadpack remote.x.receivepack \
		remote.x.promisor remote.x.vcs remote.x.proxy uploadpack.packObjectsHook extensions.partialClone \
		gpg.program gpg.ssh.program alias.log protocol.ext.allow receive.procReceiveRefs hook.x.command \
		url.x.insteadOf sequence.editor pager.log trace2.eventTarget; do
		config "$key" "$(program key)"
		refused_start "$REPO/config" "$key" "git config -f $REPO/config --unset-all"
		config --unset-all "$key"
	done
	nothing_ran
	agent_start
}

@test "an include is refused at the start" {
	local key
	agent_stop
	echo >"$SHORT/included"
	for key in include.path includeIf.onbranch:main.path includeIf.gitdir:/.path; do
		config "$key" "$SHORT/included"
		refused_start "$REPO/config" include
		config --unset-all "$key"
	done
	printf '[INCLUDE]\n\tpath = %s\n' "$SHORT/included" >>"$REPO/config"
	refused_start "$REPO/config" include
}

@test "a repository in which others may write what git obeys is refused, naming file and remedy" {
	local file mode
	agent_stop
	mkdir -p "$REPO/info" "$REPO/logs"
	touch "$REPO/info/attributes" "$REPO/objects/info/alternates" "$REPO/objects/info/http-alternates"
	for file in config hooks hooks/pre-receive info info/attributes objects/info objects/info/alternates \
		objects/info/http-alternates arpkeeper arpkeeper/keep logs HEAD .; do
		for mode in g+w o+w; do
			chmod "$mode" "$REPO/$file"
			refused_start "$(realpath "$REPO/$file")" chmod go-w
			chmod go-w "$REPO/$file"
		done
		chown nobody "$REPO/$file"
		refused_start "$(realpath "$REPO/$file")" nobody chown
		chown root "$REPO/$file"
	done
	for file in objects refs; do
		chmod g+w "$REPO/$file"
		refused_start "$REPO/$file" "chmod +t"
		chmod g-w,o+w "$REPO/$file"
		refused_start "$REPO/$file" "chmod"
		chmod o-w "$REPO/$file"
	done
	rm "$REPO/objects/info/alternates" "$REPO/objects/info/http-alternates"
	agent_start
}

@test "a repository that is shared as old instructions said is refused, and the remedy in the error is enough" {
	agent_stop
	git -C "$REPO" config core.sharedRepository group
	chgrp -R nogroup "$REPO"
	chmod -R g+rwX "$REPO"
	find "$REPO" -type d -exec chmod g+s {} +
	refused_start "$REPO" nogroup
	# shellcheck disable=SC2016 # a backquote
	eval "$(sed -n 's/.*run `\([^`]*\)`.*/\1/p' <<<"$output")"
	agent_start
}

@test "files that make git look elsewhere are refused" {
	local file
	agent_stop
	mkdir -p "$REPO/info"
	for file in commondir config.worktree info/grafts; do
		echo "$SHORT" >"$REPO/$file"
		refused_start "$REPO/$file" "remove it"
		rm "$REPO/$file"
	done
	for file in config hooks info objects/info refs; do
		mv "$REPO/$file" "$SHORT/moved"
		ln -s "$SHORT/moved" "$REPO/$file"
		refused_start "$REPO/$file" "symbolic link"
		rm "$REPO/$file"
		mv "$SHORT/moved" "$REPO/$file"
	done
	agent_start
}

@test "a repository that another user owns is refused" {
	agent_stop
	chown -R nobody "$REPO"
	refused_start "$REPO" nobody chown
}

# share_with_group: what README.md recommends, for the group nogroup.
share_with_group() {
	chgrp -R nogroup "$REPO/objects" "$REPO/refs"
	find "$REPO/objects" "$REPO/refs" -type d -exec chmod g+ws {} +
	chmod +t "$REPO/objects" "$REPO/refs"
	chmod -R g-ws "$REPO/objects/info" "$REPO/refs/arpkeeper"
}

@test "a member of the group that pushes cannot change what git obeys, nor put a link in its place" {
	local name
	agent_stop
	share_with_group
	agent_start
	for name in . config hooks hooks/pre-receive info logs HEAD packed-refs arpkeeper arpkeeper/keep objects/info \
		refs/arpkeeper; do
		[[ ! -e $REPO/$name ]] || refuses as_other test -w "$REPO/$name"
	done
	refuses as_other mv "$REPO/objects/info" "$REPO/objects/x"
	refuses as_other mv "$REPO/objects/pack" "$REPO/objects/x"
	refuses as_other mv "$REPO/refs/heads" "$REPO/refs/x"
	as_other git config --global --add safe.directory "$REPO"
	refuses as_other git -C "$REPO" config core.fsmonitor "$(program fsmonitor)"
	CLONE=$SHORT/home/clone
	as_other git clone -q "$REPO" "$CLONE"
	as_other git -C "$CLONE" -c user.name=Bob -c user.email=bob@example.net commit -q --allow-empty -m 'by a member'
	run as_other git -C "$CLONE" push origin HEAD:merge/member
	[ "$status" -eq 0 ]
	says "remote:" merge/member
	nothing_ran
	agent_stop
	agent_start
}
