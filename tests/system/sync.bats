#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2030,SC2031 # each test is a process
# A fleet's remotes: the agent exchanges branches with them by stock git, and says what became of it.

load lib
load remotes

setup() {
	sandbox
	pair
	HUB=$RESULT/hub.git
	git init -q --bare "$HUB"
	with_remote "$HUB"
}

teardown() {
	sandbox_clear
}

@test "branches of the segments come from the hub, each new tip again, and others do not" {
	grow "$HUB" lan/leaf2 one
	grow "$HUB" other/leaf2 one
	agent_start
	await 10 fetched lan/leaf2
	grow "$HUB" lan/leaf2 two
	await 10 fetched lan/leaf2
	refuses git -C "$REPO" rev-parse -q --verify refs/fleet/from/hub/other/leaf2
	await 10 remote '.error == null and .fetched >= 2 and .succeeded != null'
	ak stats --prometheus | grep -q '^arpkeeper_remote_branches_fetched_total{remote="hub"} [2-9]'
	ak status | grep -q "hub, $HUB: last reached"
}

@test "sync waits until the remote has been asked, and says what came of it" {
	with_remote "$HUB" 'poll = 1h'
	agent_start
	await 10 remote '.exchanges == 1'
	grow "$HUB" lan/leaf2 one
	grow "$REPO" lan/leaf1 own
	run ak sync
	((status == 0))
	says 'hub: 1 of 1 branches fetched, 1 pushed'
	fetched lan/leaf2
	[[ $(git -C "$HUB" rev-parse refs/heads/node/lan/leaf1) == "$(git -C "$REPO" rev-parse refs/heads/node/lan/leaf1)" ]]
	ak sync hub --json | jq -e '.remotes | length == 1 and .[0].fetched == 0 and .[0].error == ""'
	run ak sync nowhere
	((status == 1))
	says "no remote 'nowhere'"
	mv "$HUB" "$HUB.gone"
	run ak sync
	((status == 1))
	says 'hub: failed' 'does not appear to be a git repository'
	remote '.error != null and .failures == 1'
	mv "$HUB.gone" "$HUB"
	ak sync
	remote '.error == null'
	grep -q 'remote hub is reached again' "$RESULT/agent.log"
}

@test "a branch that went back is an alert, once, and is tried again by sync" {
	grow "$HUB" lan/leaf2 one
	grow "$HUB" lan/leaf2 two
	agent_start
	await 10 fetched lan/leaf2
	git -C "$HUB" update-ref refs/heads/node/lan/leaf2 refs/heads/node/lan/leaf2^
	grow "$HUB" lan/leaf3 one
	await 10 fetched lan/leaf3
	await 10 grep -q 'branch lan/leaf2 of remote hub is left out (rewound)' "$RESULT/agent.log"
	await 10 remote '.left_out == ["lan/leaf2"]'
	run ak sync
	says 'lan/leaf2 left out, rewound'
	ak sync
	(($(grep -c 'lan/leaf2 of remote hub is left out' "$RESULT/agent.log") == 1))
	remote '.left_out == ["lan/leaf2"]'
	# Where it goes on again, nothing is left out, and nobody has to ask.
	git -C "$HUB" update-ref refs/heads/node/lan/leaf2 "$(git -C "$REPO" rev-parse refs/fleet/from/hub/lan/leaf2)"
	await 20 remote '.left_out == []'
	await 10 has_incident branch-rewound
}

@test "an exchange ends with the agent, with all that it started, and one that dies is a failure" {
	local seconds=86$BASHPID
	grow "$HUB" lan/leaf2 one
	# A hub at a path runs its own hooks.
	printf '#!/bin/sh\nsetsid sleep %s &\nsleep %s\n' "$seconds" "$seconds" >"$HUB/hooks/update"
	chmod +x "$HUB/hooks/update"
	agent_start
	await 10 fetched lan/leaf2
	grow "$REPO" lan/leaf1 own
	await 10 hangs "$seconds" 2
	# The process that does the exchange: what it started ends with it.
	kill -9 "$(pgrep -f "hook sync --repo $REPO")"
	await 10 remote '.failures >= 1 and (.error | contains("without a report"))'
	await 10 hangs "$seconds" 2
	agent_stop
	await 10 hangs "$seconds" 0
}

# hangs SECONDS COUNT: so many processes sleep so long.
hangs() {
	(($(pgrep -cfx "sleep $1") == $2))
}

@test "a push that the remote refuses is said while it is so, and made again" {
	printf '#!/bin/sh\nexit 1\n' >"$HUB/hooks/pre-receive"
	chmod +x "$HUB/hooks/pre-receive"
	agent_start
	grow "$REPO" lan/leaf1 own
	await 10 remote '.left_out == ["lan/leaf1"]'
	rm "$HUB/hooks/pre-receive"
	await 10 remote '.left_out == []'
	[[ $(git -C "$HUB" rev-parse refs/heads/node/lan/leaf1) == "$(git -C "$REPO" rev-parse refs/heads/node/lan/leaf1)" ]]
}

@test "what the remote lets a node tell of what it has seen is left out no more" {
	grow "$HUB" lan/leaf2 one
	# shellcheck disable=SC2016 # for the hub's shell
	printf '#!/bin/sh\ncase $1 in refs/fleet/seen/*) exit 1 ;; esac\n' >"$HUB/hooks/update"
	chmod +x "$HUB/hooks/update"
	agent_start
	await 10 remote '.left_out == ["seen"]'
	grow "$HUB" lan/leaf2 more
	await 20 remote '.fetched >= 2 and .seen != null'
	(($(grep -c 'branch seen of remote hub is left out' "$RESULT/agent.log") == 1))
	rm "$HUB/hooks/update"
	grow "$HUB" lan/leaf2 two
	await 20 remote '.left_out == []'
	git -C "$HUB" rev-parse -q --verify refs/fleet/seen/leaf1
}

@test "only root and the agent's user may report an exchange" {
	agent_start
	chmod 755 "$SHORT"
	run setpriv --reuid 64124 --clear-groups "$(command -v python3)" - "$SOCKET" <<-'END'
		import socket, sys
		client = socket.socket(socket.AF_UNIX)
		client.connect(sys.argv[1])
		client.sendall(b'{"command": "synced", "report": {"remote": "hub", "serial": 1, "error": ""}}\n')
		print(client.recv(4096).decode())
	END
	says "only the agent's own processes"
	run setpriv --reuid 64124 --clear-groups "$LOOKER" sync --control "$SOCKET"
	((status == 1))
	says 'only root'
}

@test "without a fleet there is no process, no reference and no command" {
	configure
	agent_start
	remote '.' && return 1
	ak status --json | jq -e '.remotes == null'
	run ak sync
	((status == 1))
	says 'this node has no remote'
	refuses pgrep -f "hook sync --repo $REPO"
	[[ -z $(git -C "$REPO" for-each-ref refs/fleet refs/heads/node) ]]
}

# over_ssh FOLDER: in network and mount namespaces of its own, whose passwd has two users: a node's, whose
# key may write its own branch only, and the hub's, for whom an SSH server serves git.
over_ssh() {
	local place=$1 ask output
	ip link set lo up
	mount --bind "$place/passwd" /etc/passwd
	mount -t tmpfs none /run
	dropbear -F -s -j -k -p 127.0.0.1:2222 -r "$place/host" -P /run/dropbear.pid 2>"$place/server.log" &
	server=$!
	trap 'kill "$server"; wait "$server" || true' EXIT
	await 10 bash -c 'exec 3<>/dev/tcp/127.0.0.1/2222'
	ask='{"remote":"hub","url":"ssh://hub@127.0.0.1:2222'$place'/hub/hub.git","fetch":["refs/heads/node/*/*"],"push":["refs/heads/node/*/*"],"own":["refs/heads/node/*/leaf1"]}'
	# A host that is not known is not asked about.
	mv "$place/node/.ssh/known_hosts" "$place/known_hosts"
	as_node "$place" "$ask" 1
	says 'Host key verification failed'
	mv "$place/known_hosts" "$place/node/.ssh/known_hosts"
	as_node "$place" "$ask" 0
	jq -e '.error == "" and .fetched == 1 and .pushed == 1 and .refusals == 1 and
		.refused[0].branch == "lan/leaf3" and (.refused[0].text | contains("hook declined"))' <<<"$output"
	[[ $(git -C "$place/hub/hub.git" rev-parse refs/heads/node/lan/leaf1) == "$(git -C "$place/node/r.git" rev-parse refs/heads/node/lan/leaf1)" ]]
	refuses git -C "$place/hub/hub.git" rev-parse -q --verify refs/heads/node/lan/leaf3
	# What a person pushed there, with the rights that docs/security.md names.
	as_node "$place" "${ask%\}},\"node\":\"leaf1\",\"seen\":true,\"operators\":{\"seconds\":60}}" 0
	jq -e '.operators.merged == 1 and .seen.nodes == 0 and all(.refused[]; .branch == "lan/leaf3")' <<<"$output"
	git -C "$place/hub/hub.git" notes --ref=arpkeeper show "$(git -C "$place/node/r.git" rev-parse main)" | grep -qx 'Outcome: merged'
	refuses git -C "$place/hub/hub.git" rev-parse -q --verify refs/heads/merge/fix
	git -C "$place/hub/hub.git" rev-parse -q --verify refs/fleet/seen/leaf1
	# A key that the hub does not have.
	rm "$place/node/.ssh/id_ed25519" "$place/node/.ssh/id_ed25519.pub"
	as_node "$place" "$ask" 1
	says 'Permission denied'
}

@test "over ssh, a key may write its node's branch only, and nothing waits for a person" {
	local place=$SHORT/ssh key
	export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
	chmod 755 "$SHORT"
	mkdir -p "$place"/{node,hub}/.ssh
	cp /etc/passwd "$place/passwd"
	printf '%s\n' "arptest-node:*:64123:64123::$place/node:/bin/sh" "arptest-hub:*:64124:64124::$place/hub:/bin/sh" >>"$place/passwd"
	dropbearkey -t ed25519 -f "$place/host" | grep ^ssh- >"$place/host.pub"
	ssh-keygen -q -t ed25519 -N '' -f "$place/node/.ssh/id_ed25519"
	key=$(<"$place/node/.ssh/id_ed25519.pub")
	printf '[127.0.0.1]:2222 %s\n' "$(cut -d' ' -f1,2 "$place/host.pub")" >"$place/node/.ssh/known_hosts"
	# As docs/security.md has it.
	printf 'no-pty,no-port-forwarding,no-agent-forwarding,command="%s leaf1" %s\n' "$place/hub/serve" "$key" >"$place/hub/.ssh/authorized_keys"
	# shellcheck disable=SC2016 # for the hub's shells
	printf '#!/bin/sh\nNODE=$1 exec git-shell -c "$SSH_ORIGINAL_COMMAND"\n' >"$place/hub/serve"
	chmod +x "$place/hub/serve"
	git init -q --bare "$place/hub/hub.git"
	git init -q --bare "$place/node/r.git"
	# shellcheck disable=SC2016
	printf '#!/bin/sh\n%s\n%s\n%s\n%s\n%s\n%s\n' 'case $1 in refs/heads/node/*/$NODE | refs/fleet/seen/$NODE) exit 0 ;; esac' \
		'case $1 in' 'refs/heads/table/$NODE | refs/fleet/lease/operators | refs/notes/arpkeeper) exit 0 ;;' \
		'refs/heads/merge/*) case $3 in *[!0]*) exit 1 ;; *) exit 0 ;; esac ;;' 'esac' 'exit 1' >"$place/hub/hub.git/hooks/update"
	chmod +x "$place/hub/hub.git/hooks/update"
	grow "$place/hub/hub.git" lan/leaf2 one
	grow "$place/node/r.git" lan/leaf1 own
	grow "$place/node/r.git" lan/leaf3 relayed
	# In place of the agent: what is pushed is main.
	git -C "$place/node/r.git" update-ref refs/heads/main refs/heads/node/lan/leaf1
	# shellcheck disable=SC2016
	printf '#!/bin/sh\nread old new ref\ngit update-ref refs/heads/main $new && git update-ref -d $ref && echo merged\n' \
		>"$place/node/r.git/hooks/post-receive"
	chmod +x "$place/node/r.git/hooks/post-receive"
	git -C "$place/hub/hub.git" fetch -q "$place/node/r.git" main
	git -C "$place/hub/hub.git" update-ref refs/heads/merge/fix \
		"$(git -C "$place/hub/hub.git" commit-tree -m fix -p FETCH_HEAD 'FETCH_HEAD^{tree}')"
	chown -R 64123:64123 "$place/node"
	chown -R 64124:64124 "$place/hub"
	sed -i 's/arptest-hub/hub/' "$place/passwd"
	export -f over_ssh as_node await pause refuses says
	export ARPKEEPER TIME_FACTOR SHORT
	unshare --net --mount bash -euc "over_ssh $place"
}
