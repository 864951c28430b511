#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# docs/openapi.json: it is whole, and what is answered about the past is what it says.

HERE=$BATS_TEST_DIRNAME
UNIT=$(dirname "${ARPKEEPER:-$HERE/../../build/arpkeeper}")/unit

@test "docs/openapi.json is whole, and docs/api.md has each of its paths" {
	run "$HERE/openapi.py" document
	echo "$output"
	[ "$status" -eq 0 ]
}

# The handlers' own tests ask for everything, and keep what they get.
@test "what the handlers answer is what docs/openapi.json says" {
	local answers=$BATS_TEST_TMPDIR/answers
	WEB_ANSWERS=$answers "$UNIT/web/test_past"
	WEB_ANSWERS=$answers "$UNIT/web/test_tasks"
	[ "$(grep -c '^200 ' "$answers")" -gt 300 ]
	[ "$(grep -c '^400 ' "$answers")" -gt 20 ]
	run "$HERE/openapi.py" answers <"$answers"
	echo "$output"
	[ "$status" -eq 0 ]
}

@test "an answer that docs/openapi.json does not have is found" {
	run "$HERE/openapi.py" answers <<<'200 /api/v1/alerts?limit=1 {"groups": [], "total": -1, "since": null, "more": 1}'
	[ "$status" -eq 1 ]
	[[ $output == *'-1 is less than the minimum'* && $output == *"'more' was unexpected"* ]]
	run "$HERE/openapi.py" answers <<<'200 /api/v1/alerts?colour=red {"groups": [], "total": 0, "since": null}'
	[ "$status" -eq 1 ]
	[[ $output == *'colour is not in the document'* ]]
}
