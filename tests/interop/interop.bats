#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Other implementations of git clone from a busy repository, read it, and push. What they read has the ids that git
# says, and what they push is merged. `make test` tries two, which are quick; INTEROP=all, as in `make soak`, all of them
# (scripts/setup --interop installs them).

load ../system/lib

PORT=9418

setup() {
	[[ ${INTEROP:-} == all || $BATS_TEST_DESCRIPTION == dulwich* || $BATS_TEST_DESCRIPTION == libgit2* ]] ||
		skip 'INTEROP=all, as in make soak'
	sandbox
	pair
	agent_start
	ip -n "$ID-keeper" link set lo up
	ak set 10.0.0.50 "$ELSEWHERE" --note 'before'
	ak set 10.0.0.51 "$ELSEWHERE"
	ak unset 10.0.0.51
	busy 3>&- &
	BACKGROUND+=($!)
}

teardown() {
	[[ -n ${ID:-} ]] || return 0
	sandbox_clear
}

# main moves on all the time.
busy() {
	local n
	for ((n = 0; ; n = (n + 1) % 100)); do
		ak set "10.0.0.$((100 + n))" "02:00:00:$(printf '%02x:%02x:%02x' "$n" $((RANDOM % 256)) $((RANDOM % 256)))"
		sleep 0.05
	done >/dev/null
}

# serve COMMAND...: a server in the agent's namespace, that has this port.
serve() {
	inside keeper "$@" >"$RESULT/server.log" 2>&1 3>&- &
	BACKGROUND+=($!)
	await 10 inside keeper bash -c "</dev/tcp/127.0.0.1/$PORT"
}

serve_git() {
	serve git daemon --base-path="$(dirname "$REPO")" --export-all --enable=receive-pack --listen=127.0.0.1 --port="$PORT"
	URL=git://127.0.0.1:$PORT/$(basename "$REPO")
}

# tries HOST COMMAND...: a client clones, reads, and pushes an entry of that host.
tries() {
	local address=10.0.0.$1 head
	shift
	printf 'mac 02:bb:bb:bb:bb:80\nstate static\nsince 2026-01-02T03:04:05Z\n' >"$SHORT/entry"
	inside keeper "$@" "$URL" "$SHORT/work" merge/other "$(path_of "$address")" "$SHORT/entry" >"$SHORT/said" 3>&-
	head=$(sed -n 's/^HEAD //p' "$SHORT/said")
	git -C "$REPO" merge-base --is-ancestor "$head" main
	diff <({
		echo "HEAD $head"
		echo "commits $(git -C "$REPO" rev-list --count "$head")"
		git -C "$REPO" ls-tree -r --format='%(objectmode) %(objectname) %(path)' "$head"
	} | LC_ALL=C sort) <(grep -v ^pushed "$SHORT/said" | LC_ALL=C sort)
	await 10 recorded "$address" 02:bb:bb:bb:bb:80 static
	git -C "$REPO" merge-base --is-ancestor "$(sed -n 's/^pushed //p' "$SHORT/said")" main
	git -C "$REPO" fsck --strict
}

@test "dulwich clones, reads and pushes" {
	serve_git
	tries 80 "$ROOT/tests/interop/with_dulwich.py"
}

@test "libgit2 clones, reads and pushes" {
	serve_git
	tries 80 "$ROOT/tests/interop/with_pygit2.py"
}

@test "JGit clones, reads and pushes" {
	local jars=/usr/share/java
	serve_git
	tries 80 java -cp "$jars/org.eclipse.jgit.jar:$jars/slf4j-api.jar:$jars/slf4j-nop.jar:$jars/javaewah.jar:$jars/jsch.jar" \
		"$ROOT/tests/interop/WithJGit.java"
}

@test "go-git clones, reads and pushes" {
	GO111MODULE=off GOPATH=/usr/share/gocode GOCACHE=$SHORT/go go build -o "$SHORT/with_gogit" "$ROOT/tests/interop/with_gogit.go"
	serve_git
	tries 80 "$SHORT/with_gogit"
}

@test "isomorphic-git clones, reads and pushes" {
	serve "$ROOT/tests/interop/serve.py" "$(dirname "$REPO")" "$PORT"
	URL=http://127.0.0.1:$PORT/$(basename "$REPO")
	NODE_PATH=$ROOT/build/interop/node_modules tries 80 node "$ROOT/tests/interop/with_isomorphic.cjs"
}
