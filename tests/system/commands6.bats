#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The commands and the page of a running agent, with addresses of IPv6: one, a range, a whole network.
# shellcheck shell=bash

load lib

PAGE=http://127.0.0.1:9075

setup() {
	sandbox
	chmod 755 "$SHORT" # the page's server is another user
	pair
	configure 'prefix = 2001:db8::/64'
	agent_start
}

teardown() {
	sandbox_clear
}

shown() {
	ak show "$@" --json | jq -r '[.entries[].address] | join(" ")'
}

@test "set, show, log, at, revert and unset take an address, a range and a network in any spelling" {
	run ak set 2001:DB8:0:0::050 "$ELSEWHERE"
	says "2001:db8::50 is at $ELSEWHERE (static)"
	run ak set 2001:db8::9-2001:db8::b "$ELSEWHERE"
	says "3 of 3 are at $ELSEWHERE"
	ak set 10.0.0.50 "$ELSEWHERE" --note both
	[[ $(shown 2001:db8::/64) == '2001:db8::9 2001:db8::a 2001:db8::b 2001:db8::50' ]]
	[[ $(shown 2001:db8::a-2001:db8::4f) == '2001:db8::a 2001:db8::b' ]]
	[[ $(shown 2001:DB8::0:50) == 2001:db8::50 ]]
	[[ $(shown "$ELSEWHERE" --sort address) == '10.0.0.50 2001:db8::9 2001:db8::a 2001:db8::b 2001:db8::50' ]]
	run ak set 2001:db8::/64 "$ELSEWHERE"
	((status == 2))
	says "2001:db8::/64 has more than 4 billion addresses"
	run ak set ff02::1 "$ELSEWHERE"
	((status == 1))
	says "ff02::1 is a multicast address"
	run ak set 2001:db8::/112 "$ELSEWHERE"
	((status != 0))
	says "more than 4096 addresses at once"
	[[ $(ak log 2001:db8::50 --json | jq -r '.events[0].after.mac') == "$ELSEWHERE" ]]
	[[ $(ak log 2001:db8::/64 --json | jq '.events | length') == 4 ]]
	[[ $(ak at now 2001:db8::/64 --json | jq '.entries | length') == 4 ]]
	run ak unset 2001:db8::/64
	says "4 of 4 are forgotten"
	[[ $(shown 2001:db8::/64) == '' ]]
	ak revert "$(git -C "$REPO" log -1 --format='%(trailers:key=Task,valueonly)' main | head -n 1)"
	[[ $(shown 2001:db8::/64) == '2001:db8::9 2001:db8::a 2001:db8::b 2001:db8::50' ]]
	# What is in the table is in the history.
	[[ $(ak export | jq -r '[.entries[].address] | join(" ")') == '10.0.0.50 2001:db8::9 2001:db8::a 2001:db8::b 2001:db8::50' ]]
}

@test "set without a role hints where the address may be a router's, on standard error" {
	ak set fe80::77 "$ELSEWHERE" 2>"$SHORT/hint"
	grep -q '^hint: a link-local address may be a router.s: .* --role router' "$SHORT/hint"
	[[ $(ak set fe80::77 "$ELSEWHERE" --json | jq -r .hint) == 'a link-local address'* ]]
	ak set fe80::77 "$ELSEWHERE" --role router 2>"$SHORT/hint"
	[[ ! -s $SHORT/hint ]]
	# It has the role, and keeps it.
	ak set fe80::77 "$ELSEWHERE" --note uplink 2>"$SHORT/hint"
	[[ ! -s $SHORT/hint ]]
	ak set fe80::78 "$ELSEWHERE" --role none 2>"$SHORT/hint"
	ak set 2001:db8::77 "$ELSEWHERE" 2>>"$SHORT/hint"
	ak set 10.0.0.50 "$ELSEWHERE" 2>>"$SHORT/hint"
	[[ ! -s $SHORT/hint ]]
	[[ $(ak set fe80::80-fe80::82 "$ELSEWHERE" --json | jq -r .hint) == 'a link-local address'* ]]
}

@test "status counts what is known of each family, and for how much there is room" {
	local known
	ak set 2001:db8::77 "$ELSEWHERE"
	ak set 10.0.0.50 "$ELSEWHERE"
	known=$(ak status --json | jq -r '.table | "\(.taken4) of \(.slots4) +\(.taken6) of \(.slots6)"')
	[[ $known =~ ^[1-9]\ of\ 256\ \+[1-9]\ of\ 65536$ ]]
	ak status | grep -E "^ +$known "
}

# in_bash LINE, in_zsh LINE, in_fish LINE: what the shell completes.
in_bash() {
	# shellcheck disable=SC2016 # the inner shell's variables
	bash -ec 'source "$1"; COMP_LINE=$2; COMP_POINT=${#2}; COMP_WORDBREAKS=" :"; read -ra COMP_WORDS <<<"$2"
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _arpkeeper; printf "%s " "${COMPREPLY[@]}"' \
		bash "$ROOT/docs/completion/arpkeeper.bash" "${1/arpkeeper/$ARPKEEPER}"
}

in_zsh() {
	PATH=$(dirname "$ARPKEEPER"):$PATH "$HERE/complete.zsh" "$ROOT/docs/completion" "$1" "$SHORT/zcompdump" | tr '\n' ' '
}

in_fish() {
	PATH=$(dirname "$ARPKEEPER"):$PATH HOME=$SHORT fish --no-config -c \
		"source '$ROOT/docs/completion/arpkeeper.fish'; complete -C '$1'" | tr '\n' ' '
}

@test "shells complete addresses, which have colons; bash what follows the last one" {
	local shell
	ak set 2001:db8::51-2001:db8::52 "$ELSEWHERE"
	ak set 10.0.0.50 "$ELSEWHERE"
	for shell in in_zsh in_fish; do
		[ "$($shell "arpkeeper unset -c $CONFIG 2001:db8::5")" = '2001:db8::51 2001:db8::52 ' ]
		[ "$($shell "arpkeeper show -c $CONFIG 2001:")" = '2001:db8::51 2001:db8::52 ' ]
	done
	[ "$(in_bash "arpkeeper unset -c $CONFIG 2001:db8::5")" = '51 52 ' ]
	[ "$(in_bash "arpkeeper log -c $CONFIG 2001:")" = 'db8::51 db8::52 ' ]
	[ "$(in_bash "arpkeeper log -c $CONFIG 10.")" = '10.0.0.1 10.0.0.50 ' ]
}

# get PATH: the answer, which openapi.py is to see.
get() {
	inside keeper curl -sS "$PAGE$1" | tee "$RESULT/body" | jq -c . >"$RESULT/line"
	printf '200 %s %s\n' "$1" "$(<"$RESULT/line")" >>"$RESULT/answers"
	cat "$RESULT/body"
}

has() {
	[[ $(get "/api/v1/table?prefix=$1" | jq -r '[.entries[].address] | join(" ")') == "$2" ]]
}

@test "the page's table follows IPv6 addresses as they come and go" {
	ak set 2001:db8::50 "$ELSEWHERE"
	inside keeper "$ARPKEEPER" web -c "$CONFIG" >"$RESULT/web.log" 2>&1 3>&- &
	BACKGROUND+=($!)
	await 10 grep -q 'the page is at' "$RESULT/web.log"
	await 10 has 2001:db8::/64 2001:db8::50
	ak set 2001:db8::9 "$ELSEWHERE" --role router
	await 10 has 2001%3Adb8%3A%3A%2F64 '2001:db8::9 2001:db8::50'
	ak unset 2001:db8::50
	await 10 has 2001:db8::/64 2001:db8::9
	[[ $(get /api/v1/status | jq -c '[.segments[].prefixes[] | select(startswith("2001"))]') == '["2001:db8::/64"]' ]]
	[[ $(get '/api/v1/map?segment=lan&prefix=2001:db8::/120' | jq -r '.states[9:10]') == s ]]
	"$HERE/openapi.py" answers <"$RESULT/answers"
}
