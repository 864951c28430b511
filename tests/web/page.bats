# SPDX-License-Identifier: MIT
#
# The page in a real browser: what `arpkeeper web` serves beside an agent on a LAN of namespaces. `make test-web` runs it; each test's browser
# is a script beside this file, and its screenshots are kept.

bats_require_minimum_version 1.5.0

load web

# import_all BASE COUNT: that many addresses from BASE on, each with a MAC of its own, as declared entries.
import_all() {
	python3 - "$1" "$2" >"$RESULT/list.txt" <<'PYTHON'
import ipaddress, sys
base = ipaddress.ip_address(sys.argv[1])
for i in range(int(sys.argv[2])):
    print('02:10:%02x:%02x:%02x:01' % (i >> 16, i >> 8 & 255, i & 255), base + i)
PYTHON
	ak import --format ethers "$RESULT/list.txt" >"$RESULT/import.log"
}

has_note() {
	[[ $(look show --json | jq -r '.entries[].note') == *"$1"* ]]
}

@test "modules that need no browser do what they say" {
	node --test "$BATS_TEST_DIRNAME/modules.mjs"
}

@test "a host that pings appears in the open table, without a reload, and flashes" {
	lan 2
	agent_start
	web_start
	browse live HOST="$(host_address 1)" MAC="$(host_mac 1)" \
		PING="nsenter --net=/run/netns/$ID-h1 ping -c 1 -W 2 $(host_address 2)"
}

@test "as of a moment the table, the address's strip and the MAC's show the former holder" {
	local moment
	lan 1
	agent_start
	ak set 10.0.0.50 02:aa:aa:aa:aa:01
	pause 2200
	moment=$(date -u +%FT%TZ -d '-1 second')
	ak set 10.0.0.50 02:aa:aa:aa:aa:02
	web_start
	browse past HOST=10.0.0.50 FORMER=02:aa:aa:aa:aa:01 LATTER=02:aa:aa:aa:aa:02 THEN="$moment"
}

@test "an IPv6 host appears in the open table, with its page and its past" {
	local moment
	lan6 2
	configure "$LAN6_LINES"
	agent_start
	ak set "$LAN6::50" 02:aa:aa:aa:aa:01
	pause 2200
	moment=$(date -u +%FT%TZ -d '-1 second')
	ak set "$LAN6::50" 02:aa:aa:aa:aa:02
	web_start
	browse live HOST="$(host_address6 1)" MAC="$(host_mac 1)" \
		PING="nsenter --net=/run/netns/$ID-h1 ping -c 1 -W 2 $(host_address6 2)"
	browse past HOST="$LAN6::50" FORMER=02:aa:aa:aa:aa:01 LATTER=02:aa:aa:aa:aa:02 THEN="$moment"
	browse six HOST="$LAN6::50" NETWORK="$LAN6"
}

@test "the preview of a branch is what the command that it shows then does" {
	local address mac
	lan 1
	agent_start
	ak set 10.0.0.50 "$ELSEWHERE"
	ak set 10.0.0.51 "$ELSEWHERE"
	clone
	write_entry 10.0.0.80 02:bb:bb:bb:bb:80
	write_entry 10.0.0.50 02:bb:bb:bb:bb:50
	git -C "$CLONE" rm -q "$(path_of 10.0.0.51)"
	git -C "$CLONE" commit -qm 'rack 3'
	git -C "$CLONE" push -q origin HEAD:review/rack3
	web_start
	browse review BRANCH=review/rack3
	diff "$RESULT/shown" - <<-'END'
		10.0.0.50 02:bb:bb:bb:bb:50
		10.0.0.51 -
		10.0.0.80 02:bb:bb:bb:bb:80
	END
	[[ $(cat "$RESULT/command") == 'arpkeeper merge review/rack3' ]]
	ak merge review/rack3
	while read -r address mac; do
		[[ $(look show "$address" --json | jq -r '[.entries[].mac // "-"][0] // "-"') == "$mac" ]]
	done <"$RESULT/shown"
}

@test "65,536 addresses scroll at 50 frames a second, and the keyboard reaches the last" {
	# shellcheck disable=SC2034 # configure() uses it
	LAN=10.0.0.0/15
	lan 1
	configure
	agent_start
	import_all 10.1.0.0 65535
	web_start
	browse scroll TOTAL=65536 LAST=10.1.255.254 LEAST="${LEAST:-50}"
}

@test "a million addresses scroll at 50 frames a second, too" {
	# shellcheck disable=SC2034 # configure() uses it
	LAN=10.0.0.0/12
	lan 1
	configure
	agent_start
	import_all 10.0.16.0 999999
	web_start
	# Upkeep makes the look-back index of so many changes at once.
	await 60 inside keeper curl -sfo "$RESULT/timeline.json" "$URL/api/v1/timeline?buckets=10"
	browse scroll TOTAL=1000000 LAST=10.15.82.62 LEAST="${LEAST:-50}"
}

@test "a note with HTML in it is shown as text" {
	local note='<img src=x onerror=alert(1)><b>bold</b><script>alert(2)</script>'
	lan 1
	agent_start
	ak set 10.0.0.60 02:aa:aa:aa:aa:03 --note "$note"
	has_note '<script>'
	web_start
	browse text HOST=10.0.0.60 NOTE="$note"
}

@test "axe-core objects to no view, dark or light, wide or narrow" {
	local moment
	lan 3
	agent_start
	inside h1 ping -qc 1 -W 2 "$(host_address 2)"
	inside h3 ping -qc 1 -W 2 "$(host_address 2)"
	ak set 10.0.0.50 02:aa:aa:aa:aa:01 --note 'a printer'
	pause 2200
	moment=$(date -u +%FT%TZ -d '-1 second')
	ak set 10.0.0.50 02:aa:aa:aa:aa:02
	ak unset "$(host_address 3)"
	web_start
	browse access HOST=10.0.0.50 MAC=02:aa:aa:aa:aa:02 THEN="$moment"
}

@test "without npm the build makes a page that says how to get the other one" {
	mkdir "$RESULT/bin"
	local tool
	for tool in bash cat cmp cp dirname gzip mkdir mv od realpath rm sed sha256sum stat; do
		ln -s "$(command -v "$tool")" "$RESULT/bin/$tool"
	done
	run -0 env PATH="$RESULT/bin" "$ROOT/scripts/page" "$RESULT/web"
	says 'node or npm is missing' 'make page'
	grep -q 'scripts/setup' "$RESULT/web/files/index.html"
	gcc -c -Wall -Wextra -Werror -I"$ROOT/user" -o "$RESULT/assets.o" "$RESULT/web/assets.c"
	run -1 env PATH="$RESULT/bin" PAGE=required "$ROOT/scripts/page" "$RESULT/web"
	says 'node or npm is missing'
}
