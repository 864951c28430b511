#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The past by HTTP: yesterday's holder, an address's life, two moments; and each answer is what docs/openapi.json says.
# shellcheck shell=bash

load lib

PAGE=http://127.0.0.1:9075

setup() {
	sandbox
	chmod 755 "$SHORT" # the server is another user
	pair
	agent_start
	nsenter --net="/run/netns/$ID-keeper" "$ARPKEEPER" web -c "$CONFIG" >"$RESULT/web.log" 2>&1 3>&- &
	BACKGROUND+=($!)
	await 10 grep -q 'the page is at' "$RESULT/web.log"
	await 10 synced
}

teardown() {
	sandbox_clear
}

# ask STATUS PATH: the body; notes the answer for openapi.py.
ask() {
	local status
	status=$(inside keeper curl -sS --max-time 20 -o "$RESULT/body" -w '%{http_code}' "$PAGE$2")
	printf '%s %s %s\n' "$status" "$2" "$(jq -c . "$RESULT/body")" >>"$RESULT/answers"
	cat "$RESULT/body"
	[[ $status == "$1" ]]
}

synced() {
	[[ $(inside keeper curl -sS "$PAGE/healthz" | jq -c '[.agent, .addresses != null]') == '[true,true]' ]]
}

is_past() {
	[[ $(date -u +%FT%TZ) > $1 ]]
}

@test "a moment, a life, a difference and a timeline are those of what was done" {
	local first second other=02:50:2a:16:6d:02
	ak set 10.0.0.50 "$ELSEWHERE" --note '<b>rack</b> 3'
	first=$(date -u +%FT%TZ)
	await 5 is_past "$first"
	ak set 10.0.0.50 "$other"
	second=$(date -u +%FT%TZ)
	await 5 is_past "$second"
	ak unset 10.0.0.50
	[[ $(ask 200 "/api/v1/table?at=$first&prefix=10.0.0.50" | jq -c '[.total, .entries[0].mac, .entries[0].note]') == \
		"[1,\"$ELSEWHERE\",\"<b>rack</b> 3\"]" ]]
	[[ $(ask 200 "/api/v1/table?at=$second&prefix=10.0.0.50" | jq -r '.entries[0].mac') == "$other" ]]
	[[ $(ask 200 '/api/v1/table?prefix=10.0.0.50' | jq -r .total) == 0 ]]
	[[ $(ask 200 /api/v1/address/10.0.0.50 | jq -c '[.lives[] | [.mac, .until != null, .task[:9]]]') == \
		"[[\"$other\",true,\"operator/\"],[\"$ELSEWHERE\",true,\"operator/\"]]" ]]
	[[ $(ask 200 "/api/v1/mac/$other" | jq -c '[.held[].address]') == '["10.0.0.50"]' ]]
	[[ $(ask 200 "/api/v1/diff?from=$first&to=$second&prefix=10.0.0.50" | jq -c '[.total, .changes[0].before.mac, .changes[0].after.mac]') == \
		"[1,\"$ELSEWHERE\",\"$other\"]" ]]
	[[ $(ask 200 "/api/v1/timeline?prefix=10.0.0.50" | jq -c '[([.buckets[].appeared] | add), ([.buckets[].moved] | add), ([.buckets[].gone] | add)]') == \
		'[1,1,1]' ]]
	[[ $(ask 200 '/api/v1/changes?kind=operator&limit=2' | jq -c '[(.changes | length), .next.offset != null]') == '[2,true]' ]]
	diff <(ask 200 '/api/v1/changes?limit=1000' | jq -S .changes) <(ak log --json --repo "$REPO" | jq -S .events)
	diff <(ask 200 /api/v1/tasks | jq -r '.tasks[].commit') <(git -C "$REPO" log --first-parent --format=%H main)
	[[ $(ask 200 "/api/v1/task/$(tip)" | jq -c '[.lane, .total, .changes[0].address, .changes[0].after]') == \
		'["operator",1,"10.0.0.50",null]' ]]
	ask 404 /api/v1/task/main >/dev/null
	ask 200 /api/v1/alerts | jq -e '.groups | type == "array"'
	ask 200 /api/v1/status >/dev/null
	ask 200 /api/v1/stats >/dev/null
	ask 200 '/api/v1/map?prefix=10.0.0.0/24' | jq -e '.states | length == 256'
	ask 200 /healthz >/dev/null
	[[ $(ask 400 '/api/v1/timeline?buckets=2001' | jq -r .error) == "buckets: '2001' is not a number from 1 to 2000" ]]
	[[ $(ask 400 '/api/v1/table?at=tea' | jq -r .error) == "at: 'tea' is not a time"* ]]
	[[ $(ask 404 '/api/v1/diff?from=1000000000' | jq -r .error) == 'nothing is recorded of '* ]]
	run "$BATS_TEST_DIRNAME/openapi.py" answers <"$RESULT/answers"
	echo "$output"
	[ "$status" -eq 0 ]
}
