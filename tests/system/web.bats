#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The page's server, with curl against a real agent: what it says, whom it refuses, and what it may do itself.
# shellcheck shell=bash disable=SC2119,SC2120 # web_start may be given options

load lib

PAGE=http://127.0.0.1:9075

setup() {
	sandbox
	chmod 755 "$SHORT" # the server is another user
	pair
}

teardown() {
	sandbox_clear
}

# web_start [OPTION...]: in the agent's namespace, so that its port is nobody else's. Returns when it listens.
web_start() {
	nsenter --net="/run/netns/$ID-keeper" "$ARPKEEPER" web -c "$CONFIG" "$@" >"$RESULT/web.log" 2>&1 3>&- &
	WEB=$!
	BACKGROUND+=("$WEB")
	await 10 grep -q 'the page is at' "$RESULT/web.log"
}

# get PATH [OPTION...]: the body; fails unless the status is 200.
get() {
	local path=$1
	shift
	inside keeper curl -sSf --max-time 20 "$@" "$PAGE$path"
}

# status_of OPTION...: the status, with the body in $RESULT/body.
status_of() {
	inside keeper curl -sS --max-time 20 -o "$RESULT/body" -w '%{http_code}' "$@"
}

# refused STATUS TEXT OPTION...: with that status, and a sentence in JSON that has the text.
refused() {
	local expected=$1 text=$2
	shift 2
	[[ $(status_of "$@") == "$expected" ]]
	[[ $(jq -r .error "$RESULT/body") == *"$text"* ]]
}

# row ADDRESS FILTER: of the table that the page shows.
row() {
	get "/api/v1/table?prefix=$1" | jq -rc ".entries[] | $2"
}

row_is() {
	[[ $(row "$1" "$2") == "$3" ]]
}

synced() {
	[[ $(get /healthz | jq -c '[.agent, .addresses != null]') == '[true,true]' ]]
}

@test "a row appears by /events and in /api/v1/table after a ping, with what show has" {
	agent_start
	web_start
	await 10 synced
	inside keeper curl -sN --max-time 60 "$PAGE/events" >"$RESULT/events" 2>/dev/null 3>&- &
	BACKGROUND+=($!)
	await 5 grep -q arpkeeper "$RESULT/events"
	inside h1 ping -qc 1 -W 5 10.0.0.1
	await 10 grep -q '"address":"10.0.0.11"' "$RESULT/events"
	grep -qx 'event: change' "$RESULT/events"
	await 10 row_is 10.0.0.11 '[.mac, .state, .segment, .vendor]' "[\"$(host_mac 1)\",\"dynamic\",\"lan\",null]"
	# The note, which no event has.
	ak set 10.0.0.50 "$ELSEWHERE" --note 'rack <3>' -m 'a rack'
	await 10 row_is 10.0.0.50 '[.mac, .state, .note]' "[\"$ELSEWHERE\",\"static\",\"rack <3>\"]"
	[[ $(get '/api/v1/table?q=rack' | jq -c '[.total, .entries[0].address]') == '[1,"10.0.0.50"]' ]]
	[[ $(get '/api/v1/table?sort=address&order=desc&limit=1' | jq -r '.entries[0].address') == 10.0.0.50 ]]
	[[ $(get '/api/v1/table?state=static,local&limit=1&offset=1' | jq -c '[.total, (.entries | length)]') == '[2,1]' ]]
	# Members of a row are those of show, and the vendor.
	look show --json | jq '.entries[] | del(.seen)' >"$RESULT/shown"
	get /api/v1/table | jq '.entries[] | del(.seen, .vendor)' >"$RESULT/served"
	(($(grep -c '"address"' "$RESULT/shown") >= 3))
	diff "$RESULT/shown" "$RESULT/served"
	map=$(get '/api/v1/map?prefix=10.0.0.0/24')
	[[ $(jq -c '[.segment, .states[50:51], .states[11:12], .states[1:2], .states[60:61], .ages[60:61]]' <<<"$map") == \
		'["lan","s","d","l",".","."]' ]]
	(($(jq '.states | length' <<<"$map") == 256))
	ak unset 10.0.0.50
	await 10 row_is 10.0.0.50 .address ''
	# As of a moment, from the repository: the map and the table before that.
	at=$(TZ=UTC0 git -C "$REPO" log -1 --format=%cd --date=format-local:%Y-%m-%dT%H:%M:%SZ main -- "$(path_of 10.0.0.11)")
	[[ $(get "/api/v1/map?prefix=10.0.0.0/24&segment=lan&at=$at" | jq -c '[.at, .states[11:12], .ages[11:12]]') == "[\"$at\",\"d\",\"0\"]" ]]
	[[ $(get "/api/v1/table?at=$at&prefix=10.0.0.11" | jq -c '[.at, .entries[0].mac]') == "[\"$at\",\"$(host_mac 1)\"]" ]]
	refused 400 'at' "$PAGE/api/v1/map?prefix=10.0.0.0/24&at=nonsense"
	# An alert is an event of its own.
	inside h1 ip addr add 10.0.0.50/24 dev eth0
	ak set 10.0.0.50 "$ELSEWHERE"
	inside h1 arping -qc 1 -A -I eth0 10.0.0.50 || true
	await 10 grep -qx 'event: alert' "$RESULT/events"
	get /api/v1/status | jq -e '.pid and .repository.path == "'"$REPO"'" and (has("ok") | not)'
	get /api/v1/stats | jq -e '.counters.arp_frames > 0 and .nodes == null'
}

@test "it follows an agent that comes, ends and comes again, and says why while none is there" {
	web_start
	[[ $(get /healthz | jq .agent) == false ]]
	refused 503 'no agent' "$PAGE/api/v1/table"
	refused 503 'no agent' "$PAGE/api/v1/status"
	get /metrics | grep -qx 'arpkeeper_up 0'
	inside keeper curl -sN --max-time 60 "$PAGE/events" >"$RESULT/events" 2>/dev/null 3>&- &
	BACKGROUND+=($!)
	agent_start
	await 10 synced
	ak set 10.0.0.50 "$ELSEWHERE"
	await 10 row_is 10.0.0.50 .state static
	agent_kill
	await 10 grep -q 'the agent has ended' "$RESULT/events"
	refused 503 'agent' "$PAGE/api/v1/table"
	agent_start
	await 10 row_is 10.0.0.50 .state static
	kill -TERM "$WEB"
	wait "$WEB"
}

@test "metrics are those of stats, as Prometheus and as OpenMetrics have them" {
	agent_start
	web_start
	get /metrics >"$RESULT/metrics"
	grep -qx 'arpkeeper_up 1' "$RESULT/metrics"
	# The same names and types as the command prints.
	look stats --prometheus | grep '^# TYPE' >"$RESULT/types"
	(($(wc -l <"$RESULT/types") > 30))
	refuses grep -vxFf "$RESULT/metrics" "$RESULT/types"
	get /metrics -H 'Accept: application/openmetrics-text' >"$RESULT/open"
	[[ $(tail -n 1 "$RESULT/open") == '# EOF' ]]
	grep -qx '# TYPE arpkeeper_arp_frames counter' "$RESULT/open"
	grep -q '^arpkeeper_arp_frames_total [0-9]' "$RESULT/open"
	refuses grep -E '^# (TYPE|HELP) [a-z_]+_total ' "$RESULT/open"
}

@test "it refuses what changes, foreign names, bodies, targets that are too long, and wrong parameters" {
	local long
	agent_start
	web_start
	await 10 synced
	refused 405 'only reads' -X POST "$PAGE/api/v1/table"
	refused 405 'only reads' -X DELETE "$PAGE/api/v1/table"
	refused 403 'name' -H 'Host: evil.example' "$PAGE/api/v1/table"
	refused 403 'name' -H 'Host: 127.0.0.1.evil.example' "$PAGE/"
	# Of two names it believes neither. curl sends one.
	inside keeper bash -c 'exec 3<>/dev/tcp/127.0.0.1/9075 &&
		printf "GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n" >&3 && head -n 1 <&3' >"$RESULT/two"
	grep -q '^HTTP/1.1 40[03]' "$RESULT/two"
	[[ $(status_of -H 'Host: LocalHost:9075' "$PAGE/healthz") == 200 ]]
	refused 400 'body' -X GET -d x=y "$PAGE/api/v1/table"
	printf -v long '%05000d' 0
	refused 414 'bytes' "$PAGE/api/v1/table?q=$long"
	[[ $(status_of "$PAGE/?q=$long$long$long$long$long$long$long") == 4?? ]]
	refused 400 'limit' "$PAGE/api/v1/table?limit=1001"
	refused 400 'limit' "$PAGE/api/v1/table?limit=-1"
	refused 400 'offset' "$PAGE/api/v1/table?offset=99999999999999999999"
	refused 400 'sort' "$PAGE/api/v1/table?sort=password"
	refused 400 'order' "$PAGE/api/v1/table?order=random"
	refused 400 'state' "$PAGE/api/v1/table?state=alive"
	refused 400 'mac' "$PAGE/api/v1/table?mac=nonsense"
	refused 400 "'10.0.0.1/24'" "$PAGE/api/v1/table?prefix=10.0.0.1/24"
	refused 400 'twice' "$PAGE/api/v1/table?q=a&q=b"
	refused 400 '%' "$PAGE/api/v1/table?q=%00"
	refused 400 'UTF-8' "$PAGE/api/v1/table?q=%ff"
	refused 400 'larger than a /16' "$PAGE/api/v1/map?prefix=10.0.0.0/15"
	refused 400 'give one' "$PAGE/api/v1/map"
	refused 404 'nothing' "$PAGE/api/v1/nothing"
	refused 404 'nothing' --path-as-is "$PAGE/../../etc/passwd"
	refused 404 'nothing' "$PAGE/%2e%2e/%2e%2e/etc/passwd"
	inside keeper curl -sI "$PAGE/api/v1/table" >"$RESULT/head"
	grep -q '^HTTP/1.1 200' "$RESULT/head"
	grep -qi "^content-security-policy: default-src 'none'; script-src 'self';" "$RESULT/head"
	grep -qi '^x-content-type-options: nosniff' "$RESULT/head"
	grep -qi '^cache-control: no-store' "$RESULT/head"
	refuses grep -qi '^set-cookie' "$RESULT/head"
	# The page itself.
	[[ $(status_of "$PAGE/" -H 'Accept-Encoding: identity') == 200 ]]
	grep -qi '<!doctype html>' "$RESULT/body"
	[[ $(status_of "$PAGE/" -H "If-None-Match: $(inside keeper curl -sI "$PAGE/" | sed -n 's/^[Ee][Tt]ag: //p' | tr -d '\r')") == 304 ]]
}

@test "arguments that are wrong end it at once, with what to do" {
	run ak web --listen 0.0.0.0:9075
	[ "$status" -eq 2 ]
	says loopback proxy
	run ak web --listen 127.0.0.1
	[ "$status" -eq 2 ]
	run ak web --listen unix:relative
	[ "$status" -eq 2 ]
	says absolute
	printf '[web]\n\tlisten = 192.0.2.1:80\n' >>"$CONFIG"
	run ak web
	[ "$status" -eq 2 ]
	says 192.0.2.1:80 loopback
	run ak web extra
	[ "$status" -eq 2 ]
	# A port that another process has.
	configure
	web_start
	run inside keeper "$ARPKEEPER" web -c "$CONFIG"
	[ "$status" -eq 1 ]
	says 'in use' --listen
}

@test "a Unix socket serves a proxy, under any name, and a stale one is replaced" {
	agent_start
	printf '[web]\n\tlisten = unix:%s\n' "$SHORT/http.sock" >>"$CONFIG"
	web_start
	[[ $(stat -c %a "$SHORT/http.sock") == 660 ]]
	[[ $(status_of --unix-socket "$SHORT/http.sock" http://arp.example.net/healthz) == 200 ]]
	run ak web
	[ "$status" -eq 1 ]
	says 'another process listens'
	kill -9 "$WEB"
	wait "$WEB" || true
	web_start
	[[ $(status_of --unix-socket "$SHORT/http.sock" http://arp.example.net/healthz) == 200 ]]
}

@test "the process has no user's rights, no capability, and only reads" {
	local field
	agent_start
	web_start
	for field in CapInh CapPrm CapEff CapAmb CapBnd; do
		grep -qx "$field:"$'\t''0000000000000000' "/proc/$WEB/status"
	done
	grep -qx 'NoNewPrivs:'$'\t''1' "/proc/$WEB/status"
	grep -qx 'Seccomp:'$'\t''2' "/proc/$WEB/status"
	refuses grep -qE '^(Uid|Gid):.*\b0\b' "/proc/$WEB/status"
	[[ $(awk '/^Groups:/ { print NF }' "/proc/$WEB/status") == 1 ]]
	grep -q 'no capabilities; Landlock' "$RESULT/web.log"
	# A client that reaches the agent through it may change nothing there.
	await 10 synced
	[[ $(get /api/v1/status | jq .pid) == $(reported .pid) ]]
	(($(find "$REPO" -newer "$RESULT/web.log" -user nobody | wc -l) == 0))
}

@test "300 connections at once are bounded, and others are served when they have gone" {
	agent_start
	web_start
	await 10 synced
	inside keeper /usr/bin/python3 - "$WEB" <<'END'
import socket, sys
held, open_ones = [], 0
for _ in range(300):
    s = socket.socket()
    s.settimeout(5)
    s.connect(("127.0.0.1", 9075))
    s.sendall(b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n")
    held.append(s)
for s in held:
    try:
        open_ones += s.recv(12) == b"HTTP/1.1 200"
    except (ConnectionError, socket.timeout):
        pass
threads = int(next(l for l in open(f"/proc/{sys.argv[1]}/status") if l.startswith("Threads")).split()[1])
print(open_ones, threads)
assert 200 <= open_ones <= 256, open_ones
assert threads < 270, threads
END
	await 10 get /healthz
}

@test "a reader of /events that does not read is dropped with a notice, and costs bounded memory" {
	local before after
	LAN=10.0.0.0/16 configure
	ip -n "$ID-keeper" addr add 10.0.0.1/16 dev lan0
	agent_start
	web_start
	await 10 synced
	inside keeper /usr/bin/python3 - "$SHORT/go" "$RESULT/slow" 3>&- <<'END' &
import os, socket, sys, time
s = socket.socket()
s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
s.connect(("127.0.0.1", 9075))
s.sendall(b"GET /events HTTP/1.1\r\nHost: localhost\r\n\r\n")
first = s.recv(100)
open(sys.argv[2] + ".begun", "w").close()
os.mkfifo(sys.argv[1])
open(sys.argv[1]).read()
text, s_end = first, False
s.settimeout(20)
while True:
    more = s.recv(65536)
    if not more:
        break
    text += more
open(sys.argv[2], "wb").write(text)
END
	BACKGROUND+=($!)
	await 10 test -p "$SHORT/go"
	before=$(awk '/^VmRSS/ { print $2 }' "/proc/$WEB/status")
	# The agent drops a watcher for which more than a thousand events wait.
	for _ in {1..20}; do
		ak set 10.0.16.0/23 "$ELSEWHERE" >/dev/null
		ak unset 10.0.16.0/23 >/dev/null
	done
	echo go >"$SHORT/go"
	await 20 test -s "$RESULT/slow"
	grep -q '^event: change' "$RESULT/slow"
	grep -q '^event: dropped' "$RESULT/slow"
	[[ $(get /healthz | jq -c '[.dropped, .readers]') == '[1,0]' ]]
	get /metrics | grep -qx 'arpkeeper_web_readers_dropped_total 1'
	after=$(awk '/^VmRSS/ { print $2 }' "/proc/$WEB/status")
	# A sanitizer keeps what was freed.
	[[ -n ${SANITIZED:-} ]] || ((after - before < 40000))
	# It still follows, also when it was dropped itself: then the table is read anew.
	ak set 10.0.0.60 "$ELSEWHERE"
	await 10 row_is 10.0.0.60 .state static
	ak set 10.0.32.0/20 "$ELSEWHERE"
	await 10 row_is 10.0.47.255 .state static
}

@test "a branch that waits is listed, and its preview is that of the command" {
	local i id=
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	clone
	write_entry 10.0.0.1 02:bb:bb:bb:bb:01 # the host's own
	write_entry 10.0.0.80 02:bb:bb:bb:bb:80
	git -C "$CLONE" -c user.name=p -c user.email=p@x commit -q -m 'a printer'
	git -C "$CLONE" push -q origin HEAD:review/printer
	# More commits than are looked at before git is asked, which the server may not run.
	for ((i = 0; i < 300; i++)); do
		git -C "$REPO" -c user.name=p -c user.email=p@x commit-tree -p "${id:-main}" -m "$i" 'main^{tree}' >"$RESULT/id"
		id=$(<"$RESULT/id")
	done
	git -C "$REPO" update-ref refs/heads/main "$id"
	await 10 at_rest
	web_start
	get /api/v1/reviews | jq -e '.reviews | length == 1 and .[0].branch == "review/printer" and .[0].subject == "a printer"'
	diff <(get '/api/v1/preview?branch=review/printer' | jq -S .) <(ak preview review/printer --json | jq -S .)
	get '/api/v1/preview?branch=review/printer' |
		jq -e '.agent and .total.changes == 1 and .kept[0].address == "10.0.0.1" and .kept[0].why == "the address is the host'"'"'s own"'
	refused 404 "no branch or commit is called review/none" "$PAGE/api/v1/preview?branch=review/none"
	refused 400 "name the branch" "$PAGE/api/v1/preview"
}
