# SPDX-License-Identifier: MIT
#
# README's pictures of the page: `make pictures` makes them again. Half a minute of a LAN with both families.

bats_require_minimum_version 1.5.0

load web

# A declared address of each family changes its MAC, hosts talk, and some speak as who they are not.
live() {
	local round address
	for ((round = 0; round < 24; round++)); do
		for address in 10.0.0.50 "$LAN6::50"; do
			ak set "$address" 00:0c:29:aa:aa:0$((1 + round % 2))
		done
		case $((round % 4)) in
		0) inside "h$((1 + round / 4 % 3))" ping -qc 1 -W 1 10.0.0.1 ;;
		1) inside "h$((1 + round / 4 % 3))" ping -qc 1 -W 1 "$LAN6::1" ;;
		2) ak set "$LAN6::$((60 + round))" 00:0c:29:aa:aa:10 --note 'a phone' ;;
		3) frames h1 send --spa 10.0.0.50 --sha 02:bb:bb:bb:bb:66 --src 02:bb:bb:bb:bb:66 --tpa 10.0.0.1 --wait 0 ;;
		esac
		[[ $round != 12 ]] || THEN=$(date -u +%FT%TZ)
		pause 700
	done
}

@test "the pictures of README" {
	local name begun
	lan6 3
	configure "$LAN6_LINES"
	agent_start
	ak set 10.0.0.51 00:0c:29:aa:aa:03 --note 'door camera'
	ak set "$LAN6::51" 00:0c:29:aa:aa:03 --note 'door camera'
	ak set 10.0.0.54 00:0c:29:aa:aa:04 --note 'rack 3'
	begun=$(date -u +%FT%TZ -d '-3 seconds')
	live >/dev/null
	web_start
	await 30 inside keeper curl -sfo "$RESULT/timeline.json" "$URL/api/v1/timeline?buckets=10"
	browse pictures HOST="$LAN6::50" THEN="$THEN" SPAN="since=$begun&until=$(date -u +%FT%TZ -d '+3 seconds')"
	for name in page-table page-address; do
		cp "$RESULT/$name.png" "$ROOT/docs/$name.png"
	done
}
