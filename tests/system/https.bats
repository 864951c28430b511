#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# shellcheck disable=SC2016,SC2030,SC2031 # other shells expand it; each test is a process
# A hub behind https, as docs/fleet.md sets it up: stock git's http-backend below Apache, each node with a password of its own.

load lib
load remotes

STRANGER=64123
SERVER=64124
PORT=8443
URL=https://127.0.0.1:$PORT/git/hub.git

setup() {
	sandbox
	pair
	PLACE=$SHORT/https
	HUB=$PLACE/hub/hub.git
	HANGING=''
	export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
	chmod 755 "$SHORT"
	mkdir -p "$PLACE"/{hub,node,server}
	certificates
	make_hub
	serve
	make_user
}

teardown() {
	local process
	for process in ${APACHE:-} ${HANGING:-}; do
		kill "$process"
		wait "$process" || true
	done
	sandbox_clear
}

# certificates: an authority, and what the server has of it.
certificates() {
	local key=(-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes)
	openssl req -x509 -days 2 "${key[@]}" -keyout "$PLACE/ca.key" -out "$PLACE/ca.pem" -subj /CN=arpkeeper-test 2>/dev/null
	openssl req "${key[@]}" -keyout "$PLACE/server/key" -out "$PLACE/request" -subj /CN=hub 2>/dev/null
	openssl x509 -req -days 2 -in "$PLACE/request" -CA "$PLACE/ca.pem" -CAkey "$PLACE/ca.key" -CAcreateserial -out "$PLACE/server/pem" \
		-extfile <(echo subjectAltName=IP:127.0.0.1) 2>/dev/null
}

make_hub() {
	git init -q --bare "$HUB"
	printf '#!/bin/sh\n%s\nexit 1\n' 'case $1 in refs/heads/node/*/"$REMOTE_USER" | refs/fleet/seen/"$REMOTE_USER") exit 0 ;; esac' \
		>"$HUB/hooks/update"
	chmod +x "$HUB/hooks/update"
	grow "$HUB" lan/leaf2 one
	printf 'leaf1:{SHA}%s\n' "$(printf right | openssl sha1 -binary | base64)" >"$PLACE/server/passwords"
}

# serve: in the agent's network namespace.
serve() {
	local module
	for module in mpm_prefork authn_core authn_file authz_core authz_user auth_basic alias env setenvif cgi ssl; do
		printf 'LoadModule %s_module /usr/lib/apache2/modules/mod_%s.so\n' "$module" "$module"
	done >"$PLACE/server/conf"
	cat >>"$PLACE/server/conf" <<-END
		ServerRoot $PLACE/server
		ServerName 127.0.0.1:$PORT
		PidFile pid
		ErrorLog log
		Listen 127.0.0.1:$PORT
		SSLEngine on
		SSLCertificateFile pem
		SSLCertificateKeyFile key
		SetEnv GIT_PROJECT_ROOT $PLACE/hub
		SetEnv GIT_HTTP_EXPORT_ALL
		SetEnvIf Git-Protocol ".*" GIT_PROTOCOL=\$0
		ScriptAlias /git/ /usr/lib/git-core/git-http-backend/
		<Location /git/>
			AuthType Basic
			AuthName hub
			AuthUserFile passwords
			Require valid-user
		</Location>
	END
	chown -R "$SERVER" "$PLACE"/{hub,server}
	ip -n "$ID-keeper" link set lo up
	nsenter --net="/run/netns/$ID-keeper" setpriv --reuid "$SERVER" --regid "$SERVER" --clear-groups \
		apache2 -f "$PLACE/server/conf" -DFOREGROUND >"$RESULT/apache.log" 2>&1 3>&- &
	APACHE=$!
	await 10 listens "$PORT"
}

listens() {
	[[ -n $(nsenter --net="/run/netns/$ID-keeper" ss -Hltn "sport = :$1") ]]
}

# make_user: the agent's user has a home, in an /etc/passwd of the agent's own. It reaches remotes from where it is started.
make_user() {
	local agent=$ARPKEEPER
	cp /etc/passwd "$PLACE/passwd"
	printf 'arptest-node:*:%s:%s::%s:/bin/sh\n' "$STRANGER" "$STRANGER" "$PLACE/node" >>"$PLACE/passwd"
	printf '#!/bin/sh\nexec nsenter --net=/run/netns/%s unshare --mount sh -c "mount --bind %s /etc/passwd && exec \\"\\$@\\"" sh %s "$@"\n' \
		"$ID-keeper" "$PLACE/passwd" "$agent" >"$PLACE/run"
	chmod 755 "$PLACE/run"
	# Beside its repository it makes another one for the time of an exchange.
	mkdir "$RESULT/own"
	chown "$STRANGER" "$RESULT/own"
	REPO=$RESULT/own/history.git
}

start_agent() {
	local ARPKEEPER=$PLACE/run
	agent_start --recorder-user arptest-node
}

# settings LINE...: the agent's user has these for git.
settings() {
	printf '%s\n' "$@" >"$PLACE/node/.gitconfig"
}

# credentials PASSWORD: what a helper gives that keeps nothing.
credentials() {
	printf 'username=leaf1\npassword=%s\n' "$1" >"$PLACE/node/hub"
	settings '[http]' "sslCAInfo = $PLACE/ca.pem" '[credential]' 'helper = "!f() { test $1 != get || cat ~/hub; }; f"'
}

# fails TEXT...: an exchange does, and says so.
fails() {
	run ak sync
	((status == 1))
	says 'hub: failed' "$@"
	remote '.error != null'
}

pushed() {
	[[ $(git -C "$HUB" rev-parse "refs/heads/node/$1") == "$(git -C "$REPO" rev-parse "refs/heads/node/$1")" ]]
}

@test "over https a node exchanges its branches, by a certificate and credentials of git's own settings" {
	with_remote "$URL" 'push = relay'
	credentials right
	start_agent
	await 20 fetched lan/leaf2
	ak set 10.0.0.50 "$ELSEWHERE"
	await 20 pushed lan/leaf1
	git -C "$HUB" show "refs/heads/node/lan/leaf1:$(path_of 10.0.0.50)" | grep -q "$ELSEWHERE"
	grow "$HUB" lan/leaf2 two
	chown -R "$SERVER" "$HUB"
	await 20 fetched lan/leaf2
	ak status --json | jq -e '.remotes[0].seen.nodes == 0'
	await 20 git -C "$HUB" rev-parse -q --verify refs/fleet/seen/leaf1
	# A name may write its own branches only.
	git -C "$REPO" update-ref refs/fleet/from/other/lan/leaf3 refs/heads/node/lan/leaf1
	grow "$REPO" lan/leaf3 foreign
	await 20 remote '.left_out == ["lan/leaf3"]'
	refuses git -C "$HUB" rev-parse -q --verify refs/heads/node/lan/leaf3
}

@test "what is wrong with an exchange over https is named, without a secret, and ends when it is mended" {
	with_remote "$URL" 'poll = 1h'
	settings ''
	start_agent
	await 20 remote '.failures >= 1'
	fails 'certificate verification failed' http.sslCAInfo
	settings '[http]' "sslCAInfo = $PLACE/none.pem"
	fails 'http.sslCAInfo in ~/.gitconfig names a file that cannot be read'
	settings '[http]' "sslCAInfo = $PLACE/ca.pem"
	fails 'could not read Username' 'credential helper in ~/.gitconfig'
	credentials wrong
	fails 'Authentication failed' 'credential helper in ~/.gitconfig'
	credentials right
	mv "$HUB" "$HUB.gone"
	fails "repository '$URL/' not found"
	mv "$HUB.gone" "$HUB"
	ak sync
	remote '.error == null'
	fetched lan/leaf2
	kill "$APACHE"
	wait "$APACHE" || true
	APACHE=''
	fails 'Failed to connect'
}

# asks URL TEXT...: an exchange as the agent runs it, which fails so.
asks() {
	run nsenter --net="/run/netns/$ID-keeper" setpriv --reuid "$STRANGER" --regid "$STRANGER" --clear-groups env -i HOME="$PLACE/node" PATH="$PATH" \
		"$ARPKEEPER" hook sync --repo "$PLACE/node/r.git" \
		<<<'{"remote":"hub","url":"'"$1"'","fetch":["refs/heads/node/*/*"],"silence":2000}'
	((status == 1))
	says "${@:2}"
}

@test "over https a certificate of another name is refused, a hub that hangs is left, and a token is not shown" {
	git init -q --bare "$PLACE/node/r.git"
	chown -R "$STRANGER" "$PLACE/node"
	settings '[http]' "sslCAInfo = $PLACE/ca.pem"
	asks "https://localhost:$PORT/git/hub.git" 'does not match target host name'
	# Where a token stands for the user, git names it when it has no password for it.
	asks "https://hunter2@127.0.0.1:$PORT/git/hub.git" "could not read Password for 'https://127.0.0.1:$PORT'"
	refuses grep -q hunter2 <<<"$output"
	# It completes the handshake, and then says nothing.
	nsenter --net="/run/netns/$ID-keeper" openssl s_server -quiet -accept 127.0.0.1:8444 -cert "$PLACE/server/pem" -key "$PLACE/server/key" \
		<"$SHORT/never" >/dev/null 2>&1 3>&- &
	HANGING=$!
	exec 9>"$SHORT/never"
	await 10 listens 8444
	asks "https://127.0.0.1:8444/git/hub.git" 'no answer in time: `git ls-remote` was ended'
	exec 9>&-
}
