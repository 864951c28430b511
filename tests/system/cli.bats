#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The command line: text for people, JSON for programs, and exit statuses.

load lib

setup() {
	sandbox
	pair
	agent_start
}

teardown() {
	sandbox_clear
}

@test "set returns when the address is answered and in git, and names the commit" {
	run ak set 10.0.0.50 "$ELSEWHERE" --note 'rack 3, uplink' -m 'uplink moves to rack 3' -m 'Ticket 4711.'
	[ "$status" -eq 0 ]
	says 10.0.0.50 "$ELSEWHERE" commit "$(tip | cut -c1-10)"
	recorded 10.0.0.50 "$ELSEWHERE" static
	answered h1 10.0.0.50 "$ELSEWHERE"
	run git -C "$REPO" log -1 --format=%B main -- "$(path_of 10.0.0.50)"
	[[ $output == $'uplink moves to rack 3\n\nTicket 4711.\n\nTask: operator/'*'Segment: lan'* ]]
	git -C "$REPO" show "main:$(path_of 10.0.0.50)" | grep -x 'note rack 3, uplink'
	run ak set 10.0.0.50 "$ELSEWHERE"
	[ "$status" -eq 0 ]
	says already
}

@test "set --json prints the commit as JSON" {
	run ak set 10.0.0.50 "$ELSEWHERE" --json
	[ "$status" -eq 0 ]
	[ "$(jq -r .commit <<<"$output")" = "$(tip)" ]
	[ "$(jq -r .address <<<"$output")" = 10.0.0.50 ]
	[ "$(jq -r .mac <<<"$output")" = "$ELSEWHERE" ]
	[ "$(jq -r .changed <<<"$output")" = true ]
}

@test "unset removes an address from the table, the wire and git" {
	ak set 10.0.0.50 "$ELSEWHERE"
	run ak unset 10.0.0.50 -m 'retired'
	[ "$status" -eq 0 ]
	says 10.0.0.50 "$(tip | cut -c1-10)"
	lacks 10.0.0.50
	unrecorded 10.0.0.50
	unanswered h1 10.0.0.50
	run ak unset 10.0.0.50
	[ "$status" -eq 1 ]
	says 10.0.0.50
}

@test "set, unset and show take prefixes and ranges, as one task, and a MAC as others write it" {
	run ak set 10.0.0.64/28 02aa-aaaa-aaaa -m 'a rack'
	[ "$status" -eq 0 ]
	says 10.0.0.64 10.0.0.79 "16 of 16" "$ELSEWHERE" "$(tip | cut -c1-10)"
	recorded 10.0.0.64 "$ELSEWHERE" static
	answered h1 10.0.0.79 "$ELSEWHERE"
	ak unset 10.0.0.76-10.0.0.78
	[ "$(git -C "$REPO" log -1 --format=%s main)" = 'operator: 10.0.0.76 and 2 more' ]
	ak set 10.0.0.76/30 "$ELSEWHERE"
	ak set 10.0.0.80 02bb.bbbb.bb50
	run ak show 2:bb:bb:bb:bb:50 --json
	[ "$(jq -r '.entries[] | .address + " " + .mac' <<<"$output")" = "10.0.0.80 02:bb:bb:bb:bb:50" ]
	run ak show 10.0.0.78-10.0.0.99 --json
	[ "$(jq -r '[.entries[].address] | join(" ")' <<<"$output")" = "10.0.0.78 10.0.0.79 10.0.0.80" ]
	run ak unset 10.0.0.64-10.0.0.70 -m 'the rack goes' --json
	[ "$(jq -c '[.first, .last, .addresses, .changes, .skipped]' <<<"$output")" = '["10.0.0.64","10.0.0.70",7,7,0]' ]
	unrecorded 10.0.0.70
	recorded 10.0.0.71 "$ELSEWHERE" static
	unanswered h1 10.0.0.64
	[ "$(git -C "$REPO" log -1 --format=%s main -- "$(path_of 10.0.0.70)")" = 'the rack goes' ]
	# The network's own address is no host's, and ours is not forgotten.
	run ak set 10.0.0.0-10.0.0.2 "$ELSEWHERE"
	says "1 of 3" "2 left alone"
	run ak unset 10.0.0.200-10.0.0.210
	[ "$status" -eq 0 ]
	says "nothing changed"
	run ak unset 10.0.0.9-10.0.0.4
	[ "$status" -eq 2 ]
	says "ends before it begins"
	run ak unset 192.168.0.0/24
	[ "$status" -eq 1 ]
	says "no prefix"
}

@test "show prints text and JSON, and filters" {
	ak set 10.0.0.50 "$ELSEWHERE" --note 'rack 3'
	ak set 10.0.0.150 02:bb:bb:bb:bb:96
	run ak show
	[ "$status" -eq 0 ]
	says 10.0.0.1 local 10.0.0.50 "$ELSEWHERE" static 'rack 3' 10.0.0.150
	run ak show 10.0.0.50
	says 10.0.0.50
	refuses grep -q 10.0.0.150 <<<"$output"
	run ak show 10.0.0.128/25 --json
	[ "$(jq -r '.entries[].address' <<<"$output")" = 10.0.0.150 ]
	run ak show --state local --json
	[ "$(jq -r '.entries[].address' <<<"$output")" = 10.0.0.1 ]
	run ak show --json
	[ "$(jq -c '.entries[] | select(.address == "10.0.0.50") | [.segment, .mac, .state, .note]' \
		<<<"$output")" = "[\"lan\",\"$ELSEWHERE\",\"static\",\"rack 3\"]" ]
	[[ $(jq -r '.entries[] | select(.address == "10.0.0.50") | .since' <<<"$output") == 20*T*Z ]]
	ak set 10.0.0.9 02:cc:cc:cc:cc:09
	run ak show --state static --sort mac --json
	[ "$(jq -r '[.entries[].address] | join(" ")' <<<"$output")" = "10.0.0.50 10.0.0.150 10.0.0.9" ]
	run ak show --state static --sort address
	[ "$(awk 'NR > 1 { print $1 }' <<<"$output" | tr '\n' ' ')" = "10.0.0.9 10.0.0.50 10.0.0.150 " ]
	run ak show 10.0.0.300
	[ "$status" -ne 0 ]
	says 10.0.0.300
}

@test "log lists the changes of an address, newest first, with and without an agent" {
	ak set 10.0.0.50 "$ELSEWHERE" -m 'first'
	ak set 10.0.0.50 02:bb:bb:bb:bb:50 -m 'second'
	ak unset 10.0.0.50 -m 'third'
	run ak log 10.0.0.50
	[ "$status" -eq 0 ]
	says "$ELSEWHERE" 02:bb:bb:bb:bb:50
	run ak log 10.0.0.50 --json
	[ "$status" -eq 0 ]
	[ "$(jq '.[keys[0]] | length' <<<"$output")" -eq 3 ]
	agent_stop
	run ak log 02:bb:bb:bb:bb:50
	[ "$status" -eq 0 ]
	says 10.0.0.50
	run ak log 10.0.0.51
	refuses grep -q 10.0.0.50 <<<"$output"
}

@test "log needs no root" {
	ak set 10.0.0.50 "$ELSEWHERE"
	git clone -q --bare "$REPO" "$SHORT/mine.git"
	chown -R nobody "$SHORT/mine.git"
	chmod 755 "$SHORT"
	cp "$ARPKEEPER" "$SHORT/arpkeeper"
	run env HOME=/nonexistent setpriv --reuid nobody --clear-groups "$SHORT/arpkeeper" log --repo "$SHORT/mine.git" 10.0.0.50
	[ "$status" -eq 0 ]
	says "$ELSEWHERE"
}

@test "status prints text and JSON" {
	ak set 10.0.0.50 "$ELSEWHERE"
	run ak status
	[ "$status" -eq 0 ]
	says "$INSTANCE" lan0 attached generic lan 10.0.0.0/24 "$REPO"
	run ak status --json
	[ "$(jq -r .instance <<<"$output")" = "$INSTANCE" ]
	[ "$(jq -r .pid <<<"$output")" = "$AGENT" ]
	[ "$(jq -r '.ports[0] | .interface + " " + .state + " " + .mac' <<<"$output")" = "lan0 attached $KEEPER_MAC" ]
	[ "$(jq -r .table.static <<<"$output")" = 1 ]
	[ "$(jq -r .repository.tip <<<"$output")" = "$(tip)" ]
	[ "$(jq -r .repository.applied <<<"$output")" = "$(tip)" ]
}

@test "stats prints the same as text, JSON and Prometheus" {
	ak set 10.0.0.50 "$ELSEWHERE"
	answered h1 10.0.0.50 "$ELSEWHERE"
	answered h1 10.0.0.50 "$ELSEWHERE"
	[ "$(counter answered)" -eq 2 ]
	run ak stats
	[ "$status" -eq 0 ]
	grep -E 'answered +2\b' <<<"$output" || grep -E '\b2 +answered' <<<"$output"
	run ak stats --prometheus
	[ "$status" -eq 0 ]
	grep -E '^# TYPE .*answered.* counter' <<<"$output"
	grep -E '^[a-z_]*answered[a-z_]*(\{[^}]*\})? 2$' <<<"$output"
	ak stats --prometheus >"$RESULT/metrics.txt"
	"$HERE/metrics.py" "$RESULT/metrics.txt" "$ROOT/docs/alerts.rules.yml" "$ROOT/docs/grafana-dashboard.json"
	[ "$(grep -c '^      - alert: ' "$ROOT/docs/alerts.rules.yml")" -eq 11 ]
	jq -e '.panels | length == 10' "$ROOT/docs/grafana-dashboard.json"
	if command -v promtool; then
		promtool check metrics <"$RESULT/metrics.txt"
		promtool check rules "$ROOT/docs/alerts.rules.yml"
	fi
	grep -x 'arpkeeper_addresses{segment="lan",state="static"} 1' "$RESULT/metrics.txt"
	grep -x 'arpkeeper_changes_total{segment="lan",task="operator"} 1' "$RESULT/metrics.txt"
	grep -x 'arpkeeper_port_info{interface="lan0",state="attached",mode="generic"} 1' "$RESULT/metrics.txt"
	(($(sed -n 's/^arpkeeper_history_flush_seconds_count //p' "$RESULT/metrics.txt") >= 1))
	# Each ARP frame has one verdict.
	run ak stats --json
	[ "$(jq '.counters | .arp_frames == ([to_entries[] | select(.key |
		test("^(answered|pass_|drop_)")) | .value] | add)' <<<"$output")" = true ]
}

# watch_shows TEXT...: the watcher's output has them all.
watch_shows() {
	local text
	for text; do
		grep -qF -- "$text" "$RESULT/watch.txt" || return 1
	done
}

@test "watch prints changes and notices as they happen" {
	ak watch >"$RESULT/watch.txt" 2>&1 3>&- &
	BACKGROUND+=($!)
	await 5 watch_moves
	ak set 10.0.0.51 "$ELSEWHERE"
	await 5 watch_shows 10.0.0.51 "$ELSEWHERE"
	ip -n "$ID-keeper" link set lan0 down
	await 5 watch_shows "link down"
}

# The watcher says nothing when it is ready: change something until it shows.
watch_moves() {
	ak set 10.0.0.50 "02:00:00:00:05:$(printf %02x $((RANDOM % 256)))"
	watch_shows 10.0.0.50
}

@test "watch --json prints one object a line" {
	ak watch --json >"$RESULT/watch.txt" 2>&1 3>&- &
	BACKGROUND+=($!)
	await 5 watch_moves
	ak set 10.0.0.51 "$ELSEWHERE"
	ak unset 10.0.0.51
	await 5 watch_shows '"after":null' || await 1 watch_shows '"after": null'
	[ "$(jq -r 'select(.address == "10.0.0.51" and .after != null) | .type + " " + .task + " " + .after.mac' \
		"$RESULT/watch.txt")" = "change operator $ELSEWHERE" ]
	[ "$(jq -r 'select(.address == "10.0.0.51" and .after == null) | .before.mac' "$RESULT/watch.txt")" = "$ELSEWHERE" ]
}

@test "check judges a configuration, an entry and a repository" {
	ak set 10.0.0.50 "$ELSEWHERE"
	run "$ARPKEEPER" check "$CONFIG"
	[ "$status" -eq 0 ]
	run "$ARPKEEPER" check "$REPO"
	[ "$status" -eq 0 ]
	says 1
	git -C "$REPO" show "main:$(path_of 10.0.0.50)" >"$RESULT/10.0.0.50"
	run "$ARPKEEPER" check "$RESULT/10.0.0.50"
	[ "$status" -eq 0 ]
	sed -i 's/^state static/state solid/' "$RESULT/10.0.0.50"
	run "$ARPKEEPER" check "$RESULT/10.0.0.50"
	[ "$status" -eq 1 ]
	says 10.0.0.50 "line 2" solid
	printf '[agent]\n mode = fast\n[agnet]\n[segment "README.md"]\n' >"$RESULT/bad.conf"
	run "$ARPKEEPER" check "$RESULT/bad.conf"
	[ "$status" -eq 1 ]
	says "line 2" "line 3" "line 4" agnet README.md
	run "$ARPKEEPER" check "$RESULT/nothing-there"
	[ "$status" -eq 1 ]
	says nothing-there
}

# json HEADING COMMAND...: what it prints, for shapes.py.
json() {
	local heading=$1 command=$2
	shift 2
	ak "$command" "$@" --json >"$SHORT/json/$heading"
}

claims_are_published() {
	git -C "$RESULT/hub.git" rev-parse -q --verify refs/heads/node/lan/leaf1
}

# a_node_goes: node leaf2 declared an address long ago, and said no more.
a_node_goes() {
	local path tree commit
	path=$(path_of 10.0.0.77)
	printf 'mac 02:bb:bb:bb:bb:77\nstate static\nsince 2026-01-02T03:04:05Z\n' >"$SHORT/claim"
	tree=$(GIT_INDEX_FILE=$SHORT/index git -C "$RESULT/hub.git" update-index --add --cacheinfo \
		"100644,$(git -C "$RESULT/hub.git" hash-object -w "$SHORT/claim"),$path" &&
		GIT_INDEX_FILE=$SHORT/index git -C "$RESULT/hub.git" write-tree)
	commit=$(GIT_COMMITTER_DATE=2026-01-02T03:04:05Z git -C "$RESULT/hub.git" commit-tree "$tree" \
		-m $'claim\n\nNode: leaf2\nCount: 1\nBoot: 0123456789abcdef0123456789abcdef')
	git -C "$RESULT/hub.git" update-ref refs/heads/node/lan/leaf2 "$commit"
	ak sync
	holds 10.0.0.77 static 02:bb:bb:bb:bb:77
}

watch_has_all() {
	local type
	for type in change alert notice; do
		grep -q "\"type\":\"$type\"" "$RESULT/watch.json" || return 1
	done
}

@test "what --json prints is what docs/json.md says" {
	mkdir "$SHORT/json"
	git init -q --bare "$RESULT/hub.git"
	printf '[fleet]\n\tnode = leaf1\n[remote "hub"]\n\turl = %s\n' "$RESULT/hub.git" >>"$CONFIG"
	agent_stop
	agent_start
	watch_start
	json sync sync
	json set set 10.0.0.51 "$ELSEWHERE" --note 'rack 3'
	json 'set, of a prefix or a range' set 10.0.0.0/29 "$ELSEWHERE"
	json unset unset 10.0.0.51
	json 'unset, of a prefix or a range' unset 10.0.0.0-10.0.0.3
	answered h1 10.0.0.4 "$ELSEWHERE"
	json show show --all
	json log log
	await 10 claims_are_published
	json fleet fleet
	json 'show --claims' show --claims
	json 'log --fleet' log --fleet
	a_node_goes
	json 'fleet retire' fleet retire leaf2 --yes
	json at at now 10.0.0.4
	json diff diff "$(git -C "$REPO" log --format=%cI main | tail -n 1)"
	json status status
	json stats stats
	printf '%s dev lan0 lladdr %s STALE\n' 10.0.0.4 02:bb:bb:bb:bb:04 10.0.0.61 02:bb:bb:bb:bb:61 10.0.0.62 02:bb:bb:bb:bb:62 >"$RESULT/list"
	json import import "$RESULT/list" || [ "$(jq .refused "$SHORT/json/import")" = 1 ]
	ak set 10.0.0.62 "$ELSEWHERE"
	json revert revert "$(ak log 10.0.0.61 --json | jq -r '.events[0].task')"
	git clone -q "$REPO" "$SHORT/clone"
	CLONE=$SHORT/clone
	write_entry 10.0.0.4 02:bb:bb:bb:bb:04 dynamic
	write_entry 10.0.0.70 02:bb:bb:bb:bb:70
	git -C "$CLONE" -c user.name=p -c user.email=p@x commit -q -m 'one is kept'
	git -C "$CLONE" push -q origin HEAD:other
	ak set 10.0.0.4 "$ELSEWHERE" --note 'changed meanwhile'
	json preview preview other
	json merge merge other
	ak export >"$SHORT/json/export"
	json check check
	json reload reload --dry-run
	ip -n "$ID-keeper" link set lan0 down
	ip -n "$ID-keeper" link set lan0 up
	# Somebody claims what is declared elsewhere.
	frames h1 send --spa 10.0.0.5 --sha 02:bb:bb:bb:bb:66 --src 02:bb:bb:bb:bb:66 --tpa 10.0.0.1 --wait 0
	await 5 watch_has_all
	cp "$RESULT/watch.json" "$SHORT/json/watch"
	json stop stop --keep
	wait "$AGENT"
	AGENT=
	json 'status, without an agent' status --netns "$ID-keeper" || true
	json detach detach --netns "$ID-keeper"
	"$HERE/shapes.py" "$ROOT/docs/json.md" "$SHORT/json"
}

# completes WORD...: what bash offers for the last one.
completes() {
	# shellcheck disable=SC2016 # the inner shell's variables
	bash -ec 'source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); COMP_LINE="$*"; COMP_POINT=${#COMP_LINE}; _arpkeeper; printf "%s\n" "${COMPREPLY[@]}"' \
		bash "$ROOT/docs/completion/arpkeeper.bash" "$ARPKEEPER" "$@"
}

@test "bash completes commands, options, and from the agent segments and addresses" {
	ak set 10.0.0.50 "$ELSEWHERE"
	ak set 10.0.0.51 "$ELSEWHERE"
	[ "$(completes un)" = unset ]
	[ "$(completes -c "$CONFIG" sta | tr '\n' ' ')" = "status stats " ]
	[ "$(completes -c "$CONFIG" show --seg)" = --segment ]
	[ "$(completes -c "$CONFIG" show --segment '')" = lan ]
	[ "$(completes -c "$CONFIG" unset 10.0.0.5 | tr '\n' ' ')" = "10.0.0.50 10.0.0.51 " ]
	[ "$(completes show --control /nowhere 10)" = "" ]
	[ "$(completes fleet re)" = retire ]
	git -C "$REPO" update-ref refs/heads/review/rack3 main
	git -C "$REPO" update-ref refs/heads/merged main
	[ "$(completes -c "$CONFIG" preview "")" = $'merged\nreview/rack3' ]
	[ "$(completes -c "$CONFIG" merge rev)" = review/rack3 ]
	a_branch_of leaf2 leaf3
	[ "$(completes -c "$CONFIG" fleet retire leaf | tr '\n' ' ')" = "leaf2 leaf3 " ]
}

# a_branch_of NODE...: the agent's repository has one.
a_branch_of() {
	local node
	for node; do
		git -C "$REPO" update-ref "refs/heads/node/lan/$node" \
			"$(git -C "$REPO" commit-tree -m $'claim\n\nNode: '"$node"$'\nCount: 1' 'main^{tree}')"
	done
}

# in_zsh LINE, in_fish LINE: what the shell completes.
in_zsh() {
	PATH=$(dirname "$ARPKEEPER"):$PATH "$HERE/complete.zsh" "$ROOT/docs/completion" "$1" "$SHORT/zcompdump" | tr '\n' ' '
}

in_fish() {
	PATH=$(dirname "$ARPKEEPER"):$PATH HOME=$SHORT fish --no-config -c \
		"source '$ROOT/docs/completion/arpkeeper.fish'; complete -C '$1'" | tr '\n' ' '
}

@test "zsh and fish complete commands, options, and from the agent segments and addresses" {
	local shell
	ak set 10.0.0.50 "$ELSEWHERE"
	ak set 10.0.0.51 "$ELSEWHERE"
	for shell in in_zsh in_fish; do
		[ "$($shell 'arpkeeper un')" = 'unset ' ]
		[ "$($shell "arpkeeper -c $CONFIG sta")" = 'stats status ' ]
		[ "$($shell "arpkeeper show -c $CONFIG --seg")" = '--segment ' ]
		[ "$($shell "arpkeeper show -c $CONFIG --segment ")" = 'lan ' ]
		[ "$($shell "arpkeeper unset -c $CONFIG 10.0.0.5")" = '10.0.0.50 10.0.0.51 ' ]
		[ "$($shell 'arpkeeper show --control /nowhere 10')" = '' ]
		[ "$($shell 'arpkeeper fleet re')" = 'retire ' ]
		git -C "$REPO" update-ref refs/heads/review/rack3 main
		[ "$($shell "arpkeeper -c $CONFIG preview rev")" = 'review/rack3 ' ]
		a_branch_of leaf2 leaf3
		[ "$($shell "arpkeeper -c $CONFIG fleet retire leaf")" = 'leaf2 leaf3 ' ]
	done
}

@test "usage errors have status 2, and every command explains itself" {
	run "$ARPKEEPER"
	[ "$status" -eq 2 ]
	run "$ARPKEEPER" frobnicate
	[ "$status" -eq 2 ]
	says frobnicate
	run ak set 10.0.0.50
	[ "$status" -eq 2 ]
	local words
	for words in "show --nonsense" "show 10.0.0.300" "set 10.0.0.50 02:00" "set 10.0.0.50 ff:ff:ff:ff:ff:ff" \
		"unset 10.0.0" "unset 10.0.0.9-10.0.0.4" "log 10.0.0" "log -n 0" "at whenever" "at now 10.0.0" "diff whenever" \
		"log --since whenever" "log --until whenever" \
		"unset 10.0.0.50 --author ''" "import - --note $'a\001b'" \
		"import - --format x" "export --format x" "hook x" "run --prefix x" "set 10.0.0.50 $ELSEWHERE -m $'a\001b'"; do
		# shellcheck disable=SC2086 # words
		eval "run ak $words"
		[ "$status" -eq 2 ] || { echo "$words: $status"; return 1; }
	done
	local command
	for command in run status show set unset merge preview log watch stats check stop detach; do
		run "$ARPKEEPER" "$command" --help
		[ "$status" -eq 0 ]
		says Usage
	done
	run "$ARPKEEPER" --version
	[ "$status" -eq 0 ]
}

@test "the configuration is found before the command, in the environment, and in /etc" {
	run "$ARPKEEPER" -c "$CONFIG" status
	[ "$status" -eq 0 ]
	says "$INSTANCE"
	run "$ARPKEEPER" --json "--config=$CONFIG" status
	[ "$(jq -r .instance <<<"$output")" = "$INSTANCE" ]
	run "$ARPKEEPER" --log-level debug -c "$CONFIG" --segment lan --sort=mac show
	[ "$status" -eq 0 ]
	says 10.0.0.1
	# The letter is a flag of import, and has a value of log.
	run "$ARPKEEPER" -n 1 -c "$CONFIG" log
	[ "$status" -eq 0 ]
	run "$ARPKEEPER" -c "$CONFIG" -n import - <<<'10.0.0.60 lladdr 02:00:00:00:00:60 PERMANENT'
	[ "$status" -eq 0 ]
	says "would import"
	run "$ARPKEEPER" -c "$CONFIG"
	[ "$status" -eq 2 ]
	ARPKEEPER_CONFIG=$CONFIG run "$ARPKEEPER" status
	says "$INSTANCE"
	unset ARPKEEPER_CONFIG
	# A mount namespace of its own has another /etc.
	# shellcheck disable=SC2016 # the inner shell's variables
	run unshare -m sh -ec 'mount -t tmpfs etc /etc; cp "$2" /etc/arpkeeper.conf; "$1" status
		ARPKEEPER_CONFIG= "$1" status --control /nowhere' sh "$ARPKEEPER" "$CONFIG"
	[ "$status" -eq 1 ]
	says "$INSTANCE" "/nowhere"
	# shellcheck disable=SC2016
	run unshare -m sh -ec 'mount -t tmpfs etc /etc; exec "$1" run' sh "$ARPKEEPER"
	[ "$status" -eq 2 ]
	says /etc/arpkeeper.conf
}

@test "without an agent, commands say so" {
	agent_stop
	local command
	for command in status show stats watch stop; do
		run ak "$command"
		[ "$status" -eq 1 ]
		says "$SOCKET" running
	done
	run ak set 10.0.0.50 "$ELSEWHERE"
	[ "$status" -eq 1 ]
	says "$SOCKET"
}

@test "every user may read, only root may change" {
	chmod 755 "$SHORT"
	cp "$ARPKEEPER" "$SHORT/arpkeeper"
	run setpriv --reuid nobody --clear-groups "$SHORT/arpkeeper" show --control "$SOCKET"
	[ "$status" -eq 0 ]
	says 10.0.0.1
	run setpriv --reuid nobody --clear-groups "$SHORT/arpkeeper" set --control "$SOCKET" 10.0.0.50 "$ELSEWHERE"
	[ "$status" -eq 1 ]
	says root
	run setpriv --reuid nobody --clear-groups "$SHORT/arpkeeper" stop --control "$SOCKET"
	[ "$status" -eq 1 ]
	kill -0 "$AGENT"
	lacks 10.0.0.50
}

@test "invalid input on the control socket gets an error, and does no harm" {
	for text in 'nonsense' '{}' '[]' '{"command": 7}' '{"command": "frobnicate"}' \
		'{"command": "set", "address": 7, "mac": null}' '{"command": "set"'; do
		socat -t 1 - "UNIX-CONNECT:$SOCKET" <<<"$text" >"$RESULT/answer.json" || true
		[ "$(jq -r .ok "$RESULT/answer.json")" = false ]
	done
	head -c 4000000 /dev/zero | tr '\0' 'a' | socat -t 1 - "UNIX-CONNECT:$SOCKET" >/dev/null 2>&1 || true
	head -c 100000 /dev/urandom | socat -t 1 - "UNIX-CONNECT:$SOCKET" >/dev/null 2>&1 || true
	ak set 10.0.0.50 "$ELSEWHERE"
	answered h1 10.0.0.50 "$ELSEWHERE"
}
