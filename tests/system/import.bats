#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Import and export: lists of other programs become the table, as one task, and back.

load lib

A=02:bb:bb:bb:bb:0a
B=02:bb:bb:bb:bb:0b

setup() {
	sandbox
	pair
}

teardown() {
	sandbox_clear
}

# list LINE...: a file of them in $LIST.
list() {
	LIST=$RESULT/list
	printf '%s\n' "$@" >"$LIST"
}

# many COUNT: an ethers file of so many addresses of 10.0.0.0/16, the same MACs for the same addresses.
many() {
	LIST=$RESULT/many
	python3 - "$1" >"$LIST" <<-'PYTHON'
		import sys
		for n in range(256, 256 + int(sys.argv[1])):
		    print("02:cc:00:00:%02x:%02x 10.0.%d.%d" % (n >> 8, n & 255, n >> 8, n & 255))
	PYTHON
}

held() {
	reported .table.static
}

@test "a list is one task, in the table, on the wire and in git when import returns" {
	agent_start
	list "# moved in" "$A 10.0.0.50" "$B 10.0.0.51   # rack 3" "$A 10.0.0.52"
	run ak import "$LIST" -m 'moved in from the old gateway' --note 'old gateway'
	[ "$status" -eq 0 ]
	says "imported 3 addresses" ethers "3 changed" "commit $(tip | cut -c1-10)"
	recorded 10.0.0.50 "$A" static
	recorded 10.0.0.51 "$B" static
	answered h1 10.0.0.51 "$B"
	git -C "$REPO" show "main:$(path_of 10.0.0.51)" | grep -x 'note old gateway'
	git -C "$REPO" show "main:$(path_of 10.0.0.51)" | grep -x 'origin import/list'
	[ "$(commits import)" -eq 1 ]
	run git -C "$REPO" log -1 --format=%B --grep '^Task: import/' main
	says "moved in from the old gateway" "Segment: lan" "Trigger: list"
	at_rest
	# Once more: all of it is so already.
	run ak import "$LIST" --json
	[ "$status" -eq 0 ]
	[ "$(jq -c '[.format, .addresses, .changed, .unchanged, .refused, .commit]' <<<"$output")" = \
		'["ethers",3,0,3,0,null]' ]
	[ "$(commits import)" -eq 1 ]
}

@test "import reads ip neigh from a pipe, learned and declared, and counts what it skips" {
	agent_start
	inside h1 ip neigh replace 10.0.0.60 lladdr "$A" nud reachable dev eth0
	inside h1 ip neigh replace 10.0.0.61 lladdr "$B" nud permanent dev eth0
	inside h1 ip neigh replace 10.0.0.62 nud failed dev eth0
	inside h1 ip neigh show dev eth0 nud all >"$RESULT/neigh"
	grep -q FAILED "$RESULT/neigh"
	printf 'fe80::1 lladdr %s STALE\n' "$A" >>"$RESULT/neigh"
	run ak import - <"$RESULT/neigh"
	[ "$status" -eq 0 ]
	says standard ip-neigh "1 of IPv6" "without a station's answer"
	recorded 10.0.0.60 "$A" dynamic
	recorded 10.0.0.61 "$B" static
	unrecorded 10.0.0.62
	# What was learned elsewhere is answered, and asked for.
	holds 10.0.0.60 stale "$A" || holds 10.0.0.60 dynamic "$A"
	at_rest
}

@test "import names bad lines with the reason and imports nothing; --skip-invalid leaves them out" {
	agent_start
	before=$(tip)
	list "$A 10.0.0.50" "02:bb:bb:bb:bb 10.0.0.51" "$A 10.0.0.300" "$A 10.9.9.9" "$A 10.0.0.255" \
		"01:00:5e:00:00:01 10.0.0.53" "$A nobody.invalid" "$A 10.0.0.54" "$B 10.0.0.54"
	run ak import "$LIST" --format ethers
	[ "$status" -eq 1 ]
	says "line 2: '02:bb:bb:bb:bb'" "line 3: " "10.0.0.300" "line 4: 10.9.9.9 is in no prefix" \
		"line 5: 10.0.0.255 is the network or broadcast" "line 6: " group \
		"line 7: host 'nobody.invalid'" "line 9: 10.0.0.54 is at $B here, and at $A in line 8" \
		"nothing is imported" --skip-invalid
	[ "$(tip)" = "$before" ]
	[ "$(held)" -eq 0 ]
	run ak import "$LIST" --skip-invalid
	[ "$status" -eq 0 ]
	says "imported 1 address" "line 2"
	recorded 10.0.0.50 "$A" static
	unrecorded 10.0.0.54
}

@test "a file that is not a list is refused by its name" {
	agent_start
	list "<html>" "nothing here"
	run ak import "$LIST"
	[ "$status" -eq 1 ]
	says "$LIST" --format
	run ak import "$RESULT/absent"
	[ "$status" -eq 1 ]
	says "$RESULT/absent"
	run ak import "$LIST" --format xml
	[ "$status" -eq 2 ]
	run ak import
	[ "$status" -eq 2 ]
	list "$A 10.0.0.50"
	run ak import "$LIST" --segment dmz
	[ "$status" -eq 1 ]
	says "no segment 'dmz'"
	[ "$(held)" -eq 0 ]
}

@test "an import displaces nothing: it refuses what is declared elsewhere, and keeps what is learned elsewhere" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE" --note 'mine'
	list "10.0.0.51 lladdr $ELSEWHERE REACHABLE" "10.0.0.52 lladdr $ELSEWHERE REACHABLE"
	ak import "$LIST"
	list "10.0.0.50 lladdr $A PERMANENT" "10.0.0.51 lladdr $A REACHABLE" \
		"10.0.0.52 lladdr $A PERMANENT" "10.0.0.1 lladdr $A PERMANENT" "10.0.0.53 lladdr $A STALE"
	run ak import "$LIST"
	[ "$status" -eq 1 ]
	says "line 1: 10.0.0.50" declared "line 4: 10.0.0.1" own "2 of them were refused" --force \
		"1 learned elsewhere"
	recorded 10.0.0.50 "$ELSEWHERE" static
	recorded 10.0.0.51 "$ELSEWHERE" dynamic
	recorded 10.0.0.52 "$A" static
	recorded 10.0.0.53 "$A" dynamic
	status=0
	output=$(ak import "$LIST" --force --json 2>"$RESULT/errors") || status=$?
	[ "$status" -eq 1 ]
	grep -q 10.0.0.1 "$RESULT/errors"
	[ "$(jq -c '[.changed, .kept, .refused, .refusals[0].address]' <<<"$output")" = '[2,0,1,"10.0.0.1"]' ]
	recorded 10.0.0.50 "$A" static
	recorded 10.0.0.51 "$A" dynamic
	holds 10.0.0.1 local
	at_rest
}

@test "a dry run prints the result, and changes nothing" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	before=$(tip)
	list "$A 10.0.0.50" "$A 10.0.0.51"
	run ak import "$LIST" --dry-run
	[ "$status" -eq 1 ]
	says "would import 1 address" "10.0.0.50" "1 of them would be refused"
	[ "$(tip)" = "$before" ]
	lacks 10.0.0.51
}

@test "--static and --dynamic apply to every line; host names come from a hosts file" {
	agent_start
	printf '10.0.0.70 printer printer.example.net\n' >"$RESULT/hosts"
	list "$A printer" "$B 10.0.0.71"
	ak import "$LIST" --dynamic --hosts "$RESULT/hosts"
	recorded 10.0.0.70 "$A" dynamic
	git -C "$REPO" show "main:$(path_of 10.0.0.70)" | grep -x 'note printer'
	recorded 10.0.0.71 "$B" dynamic
	ak import "$LIST" --static --hosts "$RESULT/hosts"
	recorded 10.0.0.71 "$B" static
	at_rest
}

@test "without an agent, or without the right, nothing is imported" {
	list "$A 10.0.0.50"
	run ak import "$LIST"
	[ "$status" -eq 1 ]
	says "$SOCKET" running
	agent_start
	chmod 755 "$SHORT"
	cp "$ARPKEEPER" "$SHORT/arpkeeper"
	cp "$LIST" "$SHORT/list"
	run setpriv --reuid nobody --clear-groups "$SHORT/arpkeeper" import --control "$SOCKET" "$SHORT/list"
	[ "$status" -eq 1 ]
	says root
	lacks 10.0.0.50
}

# Exactly the same files: MAC, state, since, origin, note, x- lines.
@test "export as JSON and import into an empty table give the same tree" {
	# What is imported as dynamic is asked: it must reply.
	ip -n "$ID-h1" link set eth0 address "$B"
	ip -n "$ID-h1" addr add 10.0.0.9/24 dev eth0
	ip -n "$ID-h1" addr add 10.0.0.10/24 dev eth0
	agent_start
	list "10.0.0.50 lladdr $A PERMANENT" "10.0.0.9 lladdr $B REACHABLE" "10.0.0.10 lladdr $B REACHABLE"
	ak import "$LIST"
	ak set 10.0.0.51 "$ELSEWHERE" --note 'a "note" with \ in it, ä'
	clone
	printf 'mac %s\nstate static\nsince 2001-02-03T04:05:06Z\nx-ticket NET-4711\nx-a b\n' "$B" \
		>"$CLONE/$(path_of 10.0.0.52)"
	git -C "$CLONE" add . && git -C "$CLONE" commit -qm extra && git -C "$CLONE" push -q origin HEAD:merge/extra
	run ak export
	[ "$status" -eq 0 ]
	ak export >"$RESULT/all.json"
	[ "$(jq -c '[.entries[].address]' "$RESULT/all.json")" = \
		'["10.0.0.9","10.0.0.10","10.0.0.50","10.0.0.51","10.0.0.52"]' ]
	before=$(git -C "$REPO" rev-parse main:lan)
	for address in 10.0.0.9 10.0.0.10 10.0.0.50 10.0.0.51 10.0.0.52; do
		ak unset "$address" >/dev/null
	done
	[ "$(ak export)" = '{"entries": []}' ]
	run ak import "$RESULT/all.json"
	[ "$status" -eq 0 ]
	says json "5 changed"
	[ "$(git -C "$REPO" rev-parse main:lan)" = "$before" ]
	# What is shown can be read as well.
	ak show --json | ak import -
	[ "$(git -C "$REPO" rev-parse main:lan)" = "$before" ]
}

@test "a declared router stays one when it is set again, and through JSON and CSV, until --role none" {
	agent_start
	is_router() { git -C "$REPO" show "main:$(path_of 10.0.0.50)" | grep -qx 'role router'; }
	ak set 10.0.0.50 "$ELSEWHERE" --role router
	is_router
	ak set 10.0.0.50 "$ELSEWHERE" --note uplink
	is_router
	[ "$(ak show --json | jq -r '.entries[] | select(.address == "10.0.0.50") | .role')" = router ]
	[ "$(ak export --format ip-neigh)" = "10.0.0.50 lladdr $ELSEWHERE router PERMANENT" ]
	for format in json csv; do
		ak export --format $format >"$RESULT/table"
		before=$(git -C "$REPO" rev-parse main:lan)
		ak unset 10.0.0.50
		ak import "$RESULT/table"
		[ "$(git -C "$REPO" rev-parse main:lan)" = "$before" ]
	done
	ak set 10.0.0.50 "$ELSEWHERE" --role none
	run is_router
	[ "$status" -ne 0 ]
	# A person's push says so, too; of a learned address it is refused.
	clone
	printf 'mac %s\nstate dynamic\nsince 2001-02-03T04:05:06Z\nrole router\n' "$B" >"$CLONE/$(path_of 10.0.0.52)"
	git -C "$CLONE" add . && git -C "$CLONE" commit -qm router
	run git -C "$CLONE" push -q origin HEAD:merge/router
	[ "$status" -ne 0 ]
	says "line 4: a role is for static entries"
}

@test "export needs no agent and no root; ethers and ip neigh can be imported and used" {
	agent_start
	list "10.0.0.50 lladdr $A PERMANENT" "10.0.0.51 lladdr $B REACHABLE"
	ak import "$LIST"
	agent_stop
	[ "$(ak export --format ethers)" = "$A 10.0.0.50"$'\n'"$B 10.0.0.51" ]
	[ "$(ak export --format ip-neigh)" = "$(sed s/REACHABLE/STALE/ "$LIST")" ]
	ak export --format ip-neigh --dev eth0 | inside h1 ip -batch -
	inside h1 ip neigh show dev eth0 | grep "10.0.0.50 lladdr $A PERMANENT"
	[ "$(ak export --segment lan --format ethers | wc -l)" -eq 2 ]
	run ak export --segment dmz
	[ "$status" -eq 1 ]
	says dmz
	run ak export --format xml
	[ "$status" -eq 2 ]
	[ "$(ak export --format csv | tail -n 1 | cut -d, -f1-4)" = "lan,10.0.0.51,$B,dynamic" ]
	ak export --format csv >"$RESULT/table.csv"
	# Of two segments --dev means the one that is on the interface.
	printf '[segment "lan"]\n interface = lan0\n[segment "dmz"]\n interface = dmz0\n' >"$RESULT/two.conf"
	git -C "$REPO" config arpkeeper-segment.dmz.prefix 10.9.0.0/24
	[ "$("$ARPKEEPER" export -c "$RESULT/two.conf" --repo "$REPO" --format ip-neigh --dev dmz0 | wc -l)" -eq 0 ]
	[ "$("$ARPKEEPER" export -c "$RESULT/two.conf" --repo "$REPO" --format ip-neigh --dev lan0 | wc -l)" -eq 2 ]
	local format
	for format in json csv ethers; do
		[ "$("$ARPKEEPER" export -c "$RESULT/two.conf" --repo "$REPO" --format $format --dev lan0 | grep -c 10.0.0.5)" -eq 2 ]
		run "$ARPKEEPER" export -c "$RESULT/two.conf" --repo "$REPO" --format $format --dev dmz0
		[ "$status" -eq 0 ]
		refuses says 10.0.0.5
	done
	run "$ARPKEEPER" export --repo "$REPO" --control /nowhere --format ip-neigh --dev eth0
	[ "$status" -eq 1 ]
	says eth0 --segment
	run "$ARPKEEPER" export --repo "$RESULT/absent"
	[ "$status" -eq 1 ]
	says "$RESULT/absent"
	git clone -q --bare "$REPO" "$SHORT/mine.git"
	chown -R nobody "$SHORT/mine.git"
	chmod 755 "$SHORT"
	cp "$ARPKEEPER" "$SHORT/arpkeeper"
	run env HOME=/nonexistent setpriv --reuid nobody --clear-groups "$SHORT/arpkeeper" export --repo "$SHORT/mine.git" --format ethers
	[ "$status" -eq 0 ]
	says "$A 10.0.0.50"
}

@test "20,000 lines are one task, while the agent answers and its control socket stays quick" {
	# shellcheck disable=SC2034 # lib.bash uses it
	LAN=10.0.0.0/16
	ip -n "$ID-keeper" addr flush dev lan0
	ip -n "$ID-keeper" addr add 10.0.0.1/16 dev lan0
	configure
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	many 20000
	ak import "$LIST" >"$RESULT/import.txt" 2>&1 3>&- &
	BACKGROUND+=($!)
	while kill -0 "${BACKGROUND[-1]}" 2>/dev/null; do
		timeout 2 "$ARPKEEPER" stats --control "$SOCKET" >/dev/null
	done
	wait "${BACKGROUND[-1]}"
	grep -q '20,000 changed' "$RESULT/import.txt"
	[ "$(held)" -eq 20001 ]
	answered h1 10.0.40.50 02:cc:00:00:28:32
	[ "$(git -C "$REPO" for-each-ref 'refs/heads/task/import/*' | wc -l)" -eq 1 ]
	git -C "$REPO" fsck --strict
	at_rest
	# A broken pipe is not an error.
	run bash -c "set -o pipefail; '$ARPKEEPER' export -c '$CONFIG' --format ethers | head -n 1"
	says " 10.0.0."
	refuses grep -qi error <<<"$output"
}

# control TEXT...: lines to the control socket, which is then closed.
control() {
	printf '%s\n' "$@" | socat -t 1 - "UNIX-CONNECT:$SOCKET"
}

@test "what a client sent before it left half-way is a task that ends there" {
	agent_start
	control '{"command": "import", "step": "begin", "name": "half"}' \
		"{\"command\": \"import\", \"step\": \"lines\", \"lines\": \"10.0.0.50\\t$A\\ts\\n10.0.0.51\\t$B\\td\\n\"}" \
		>"$RESULT/answers.json"
	[ "$(tail -n 1 "$RESULT/answers.json" | jq .changed)" = 2 ]
	await 5 recorded 10.0.0.51 "$B" dynamic
	await 5 grep -q 'half by root, cut short because the client left: 2 addresses' "$RESULT/agent.log"
	[ "$(commits import)" -eq 1 ]
	at_rest
	# The next one may begin.
	list "$A 10.0.0.60"
	ak import "$LIST"
}

@test "import says why history cannot be written and ends; the agent records the table later" {
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	chmod -R a-w "$REPO"
	list "$A 10.0.0.60" "$B 10.0.0.61"
	run ak import "$LIST"
	[ "$status" -eq 1 ]
	says 'history cannot be written' 'permission denied' 'recorded when that ends'
	answered h1 10.0.0.61 "$B"
	chmod -R u+w "$REPO"
	await 15 recorded 10.0.0.61 "$B" static
	[ "$(commits import)" -eq 1 ]
	at_rest
	ak import "$LIST"
}

@test "invalid data within an import gets a reason, and does no harm" {
	agent_start
	control '{"command": "import"}' '{"command": "import", "step": "end"}' \
		'{"command": "import", "step": "begin"}' '{"command": "import", "step": "begin", "name": "a\nb"}' \
		'{"command": "import", "step": "lines", "lines": "x"}' >"$RESULT/answers.json"
	[ "$(jq -s 'map(.ok) | unique' -c "$RESULT/answers.json")" = '[false]' ]
	control '{"command": "import", "step": "begin", "name": "odd"}' \
		'{"command": "import", "step": "lines", "lines": 7}' \
		"{\"command\": \"import\", \"step\": \"lines\", \"lines\": \"\\n\\t\\t\\n10.0.0.50\\t$A\\n10.0.0.50\\t$A\\tx\\n10.0.0.50\\t$A\\ts\\tnow\\n10.0.0.50\\t$A\\ts\\t\\t\\t\\ty-a b\\n10.0.0.50\\t$A\\ts\\t\\t\\t\\tx-a b\\tmac $B\\n10.0.1.50\\t$A\\ts\\n10.0.0.255\\t$A\\ts\"}" \
		"{\"command\": \"import\", \"step\": \"lines\", \"lines\": \"10.0.0.50\\t$A\\ts\\t2001-02-03T04:05:06Z\\tsomewhere\\ta note\\tx-a b\\tx-c d\"}" \
		'{"command": "import", "step": "end"}' >"$RESULT/answers.json"
	[ "$(jq -s -c '.[2] | [.changed, (.refused | length)]' "$RESULT/answers.json")" = '[0,9]' ]
	[ "$(jq -s -c '.[4] | [.count, .changed]' "$RESULT/answers.json")" = '[10,1]' ]
	[ "$(git -C "$REPO" show "main:$(path_of 10.0.0.50)")" = \
		"$(printf 'mac %s\nstate static\nsince 2001-02-03T04:05:06Z\norigin somewhere\nnote a note\nx-a b\nx-c d' "$A")" ]
	at_rest
}
