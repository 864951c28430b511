# SPDX-License-Identifier: MIT
#
# A browser beside an agent on a LAN of namespaces, for the tests of the page and for its pictures.
# shellcheck shell=bash

load ../system/lib
load ../system/ipv6

setup() {
	sandbox
	chmod 755 "$SHORT" # the web process is another user
	PACKAGES=$ROOT/build/web-tests
	URL=http://127.0.0.1:9075
}

teardown() {
	sandbox_clear
}

# web_start: in the agent's namespace, so that its port is its own; returns when it knows the agent's table.
web_start() {
	inside keeper "$ARPKEEPER" web -c "$CONFIG" >"$RESULT/web.log" 2>&1 3>&- &
	BACKGROUND+=("$!")
	await 20 inside keeper curl -sfo "$RESULT/first.json" "$URL/api/v1/table?limit=1"
}

# browse SCRIPT [NAME=VALUE...]: the browser is there, too.
browse() {
	local script=$1
	shift
	inside keeper env URL="$URL" RESULT="$RESULT" PACKAGES="$PACKAGES" "$@" timeout 300 node "$BATS_TEST_DIRNAME/$script.mjs" >&3
}
