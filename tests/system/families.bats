#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A history with addresses of both families is read as git has it: by time, address, MAC and prefix, as a whole, and
# for other programs. No agent runs.

load lib.bash

setup() {
	sandbox
	"$ROOT/tests/bench/commits.py" 2000 "$REPO" --addresses 80 --dual
	local prefix
	for prefix in 10.0.0.0/16 2001:db8::/32 fe80::/64; do
		git -C "$REPO" config --add arpkeeper-segment.lan.prefix "$prefix"
	done
}

teardown() {
	sandbox_clear
}

PAGE=http://127.0.0.1:9075

NOON=2026-01-01T05:00:00Z

# commit_at TIME: what main named then.
commit_at() {
	git -C "$REPO" rev-list -1 --first-parent --before="$1" main
}

# names COMMIT [FOLDER...]: the addresses that git has there, as people write them.
names() {
	git -C "$REPO" ls-tree -r --name-only "$1" -- "${@:2}" | sed -n 's|^lan/.*/||p' | tr - : | sort
}

addresses() {
	jq -r '.entries[].address' | sort
}

@test "at has both families as git has them: all, a /64, a part of it, an IPv4 prefix, one address" {
	local commit address mac
	commit=$(commit_at $NOON)
	diff <(names "$commit" lan) <(ak at $NOON --json | addresses)
	diff <(names "$commit" lan/2001-db8-0-7) <(ak at $NOON 2001:db8:0:7::/64 --json | addresses)
	diff <(names "$commit" lan/2001-db8-0-7 lan/2001-db8-0-70) <(ak at $NOON 2001:db8::/48 --json | addresses)
	diff <(names "$commit" lan/fe80) <(ak at $NOON fe80::/10 --json | addresses)
	diff <(names "$commit" lan/10.0) <(ak at $NOON 10.0.0.0/8 --json | addresses)
	[[ $(ak at $NOON fe80::/120 --json | jq -r '[.entries[].address | select(startswith("fe80::") | not)] | length') == 0 ]]
	address=$(names "$commit" lan/2001-db8-0-70 | grep -v :: | head -n 1)
	mac=$(git -C "$REPO" show "$commit:lan/2001-db8-0-70/${address: -2}/${address//:/-}" | sed -n 's/^mac //p')
	# Any spelling of the address is accepted; one is printed.
	[[ $(ak at $NOON "${address^^}" --json | jq -r '.address, .entry.address, .entry.mac') == \
		"$address"$'\n'"$address"$'\n'"$mac" ]]
	run ak at $NOON 2001:DB8:0:7:0:0:0:FFFE
	((status == 0))
	says "2001:db8:0:7::fffe was absent"
}

@test "diff has what git has between two times" {
	local from to
	from=$(commit_at $NOON)
	to=$(commit_at 2026-01-01T05:20:00Z)
	diff <(git -C "$REPO" diff --no-renames --name-only "$from" "$to" | sed 's|.*/||' | tr - : | sort) \
		<(ak diff $NOON 2026-01-01T05:20:00Z --json | jq -r '.changes[].address' | sort)
	diff <(git -C "$REPO" diff --no-renames --name-only "$from" "$to" -- lan/2001-db8-0-7 | sed 's|.*/||' | tr - : | sort) \
		<(ak diff $NOON 2026-01-01T05:20:00Z -a 2001:db8:0:7::/64 --json | jq -r '.changes[].address' | sort)
}

@test "log tells an address, a MAC and a prefix of either family as git does" {
	local address mac path
	for address in $(names main lan | sed -n '3p;$p') $(names main lan/2001-db8-0-7 | head -n 1); do
		path=$(git -C "$REPO" ls-tree -r --name-only main | grep "/${address//:/-}$")
		diff <(git -C "$REPO" log --no-merges --format=%H main -- "$path" | sort) \
			<(ak log "$address" --json | jq -r '.events[].commit' | sort)
	done
	diff <(git -C "$REPO" log --no-merges --format=%H main -- lan/2001-db8-0-7 | sort) \
		<(ak log 2001:db8:0:7::/64 --json | jq -r '.events[].commit' | sort)
	diff <(git -C "$REPO" log --no-merges --format=%H main -- lan/10.0 | sort) \
		<(ak log 10.0.0.0/16 --json | jq -r '.events[].commit' | sort)
	mac=$(ak at now 2001:db8:0:7::/64 --json | jq -r '.entries[0].mac')
	[[ $(ak log "$mac" --json | jq -r '.events[] | select(.address | startswith("2001:db8:0:7:")) | .address' | wc -l) -gt 0 ]]
	# Any spelling of an address.
	diff <(ak log fe80::1 --json) <(ak log FE80:0:0:0:0:0:0:1 --json)
	run ak log fe80::1%eth0
	((status == 2))
	says "'fe80::1%eth0' has a zone" 'write fe80::1'
	run ak log 2001:db8::5/64
	((status == 2))
	says 'did you mean 2001:db8::/64?'
	run ak at 2001:db8:0:7::9
	((status == 2))
	says "'2001:db8:0:7::9' is not a time: give a time first"
	run ak at 2001:db8:0:7::9 now
	says 'give a time first'
	run ak diff $NOON now fe80::1
	((status == 2))
	says 'addresses with -a'
	run ak set 02:50:2a:16:6d:01 2001:db8:0:7::9
	((status == 2))
	says 'the address comes first: arpkeeper set 2001:db8:0:7::9 02:50:2a:16:6d:01'
	chmod 700 "$REPO"
	chmod 755 "$SHORT" "$RESULT"
	cp "$ARPKEEPER" "$SHORT/arpkeeper"
	run setpriv --reuid nobody --clear-groups "$SHORT/arpkeeper" log --repo "$REPO" 2001:db8:0:7::9
	((status == 1))
	says "$REPO: permission denied"
	run ak log printer
	((status == 2))
	says "is neither an address (10.0.3.17, 2001:db8::17), nor a prefix (10.0.3.0/24, 2001:db8::/64)"
}

@test "export is by address, and formats without IPv6 say what they leave out" {
	diff <(names main lan) <(ak export | addresses)
	# By number: IPv4 before IPv6, ::9 before ::21, whatever the folders are.
	diff <(ak export | jq -r '.entries[].address') \
		<(ak export | jq -r '.entries[].address' | python3 -c 'import ipaddress, sys
print(*sorted(sys.stdin.read().split(), key=lambda text: (":" in text, int(ipaddress.ip_address(text)))), sep="\n")')
	diff <(ak export | jq -r '.entries[].address') <(ak export --format csv | tail -n +2 | cut -d, -f2)
	diff <(ak export | jq -r '.entries[].address') <(ak export --format ip-neigh --dev lan0 --segment lan | cut -d' ' -f3)
	diff <(names main lan/10.0) <(ak export --format ethers 2>"$RESULT/said" | cut -d' ' -f2 | sort)
	grep -q "ethers has no IPv6 addresses: $(names main lan/2001-db8-0-7 lan/2001-db8-0-70 lan/fe80 | wc -l) entries are left out" "$RESULT/said"
	# iproute2 accepts each line.
	space keeper
	inside keeper ip link add lan0 type veth peer name lan1
	inside keeper sh -c 'echo 0 >/proc/sys/net/ipv6/conf/lan0/disable_ipv6; ip link set lan0 up; ip link set lan1 up'
	ak export --format ip-neigh --dev lan0 --segment lan | inside keeper ip -batch -
	diff <(names main lan) <(inside keeper ip neigh show dev lan0 nud all | awk '/lladdr 02/ {print $1}' | sort)
}

@test "a declared router is shown as one, in words and in JSON" {
	CLONE=$RESULT/clone
	git clone -q "$REPO" "$CLONE"
	printf 'mac %s\nstate static\nsince 2026-02-01T00:00:00Z\nrole router\n' "$ELSEWHERE" >"$CLONE/lan/fe80/01/fe80--1"
	git -C "$CLONE" commit -qam 'the router'
	git -C "$CLONE" push -q origin HEAD:main
	run ak check "$REPO"
	((status == 0))
	run ak at now fe80::1
	says "static, router"
	run ak log fe80::1 -n 1
	says "to $ELSEWHERE, static, router"
	run ak diff 2026-02-01T00:00:00Z now -a fe80::1
	says "$ELSEWHERE, static, router"
	[[ $(ak at now fe80::1 --json | jq -r .entry.role) == router ]]
	[[ $(ak log fe80::1 -n 1 --json | jq -r '.events[0].after.role, .events[0].before.role') == $'router\nnull' ]]
	[[ $(ak export | jq -r '[.entries[] | select(.role == "router") | .address] | join(" ")') == fe80::1 ]]
	serve
	[[ $(ask 200 '/api/v1/table?at=now&prefix=fe80::1' | jq -r '.entries[0].role') == router ]]
	ask 200 '/api/v1/address/fe80::1' >/dev/null
	"$HERE/openapi.py" answers <"$RESULT/answers"
}

# pushed BRANCH MESSAGE: what was changed in the clone, to the repository.
pushed() {
	git -C "$CLONE" add -A
	git -C "$CLONE" commit -qm "$2"
	git -C "$CLONE" push -q origin "HEAD:$1"
}

@test "preview judges a branch of both families, and refuses an address in no prefix or of no host" {
	CLONE=$RESULT/clone
	git clone -q "$REPO" "$CLONE"
	local entry="mac $ELSEWHERE"$'\nstate static\nsince 2026-02-01T00:00:00Z'
	mkdir -p "$CLONE/lan/2001-db8-0-7/f0"
	echo "$entry" >"$CLONE/lan/2001-db8-0-7/f0/2001-db8-0-7--fff0"
	echo "$entry" >"$CLONE/lan/fe80/01/fe80--1"
	git -C "$CLONE" rm -q lan/2001-db8-0-7/09/2001-db8-0-7--9
	pushed review/rack 'a new rack'
	run ak preview review/rack
	says "2001:db8:0:7::fff0" new "fe80::1" moved "2001:db8:0:7::9" removed
	[[ $(ak preview review/rack --json | jq -r '[.changes[].address] | sort | join(" ")') == '2001:db8:0:7::9 2001:db8:0:7::fff0 fe80::1' ]]
	mkdir -p "$CLONE/lan/2001-dead/01"
	echo "$entry" >"$CLONE/lan/2001-dead/01/2001-dead--1"
	pushed review/nowhere 'in no prefix'
	run ak preview review/nowhere
	((status == 1))
	says "2001-dead--1"
	git -C "$CLONE" rm -rq lan/2001-dead
	mkdir -p "$CLONE/lan/fe80/00"
	echo "$entry" >"$CLONE/lan/fe80/00/fe80--"
	pushed review/anycast 'the address of all routers'
	run ak preview review/anycast
	((status == 1))
	says "fe80--"
}

@test "check knows both, and names what is outside of the prefixes or in the wrong folder" {
	run ak check "$REPO"
	((status == 0))
	says "OK" "a repository with $(names main lan | wc -l) entries"
	git -C "$REPO" config --unset arpkeeper-segment.lan.prefix fe80
	run ak check "$REPO"
	((status == 0))
	says "$(names main lan/fe80 | wc -l) entries of history are outside" "lan/fe80/01/fe80--1"
	CLONE=$RESULT/clone
	git clone -q "$REPO" "$CLONE"
	run ak check "$CLONE/lan/fe80/01/fe80--1"
	says "an entry"
	git -C "$CLONE" mv lan/fe80/01/fe80--1 lan/2001-db8-0-7/
	git -C "$CLONE" -c user.name=a -c user.email=b commit -qm moved
	run ak check "$CLONE"
	((status == 1))
	says "path is neither"
}

# serve: the page, of the repository alone, in a namespace of its own.
serve() {
	chmod -R a+rX "$RESULT" # the server is another user
	space keeper
	inside keeper "$ARPKEEPER" web --repo "$REPO" --control "$SHORT/none" >"$RESULT/web.log" 2>&1 3>&- &
	BACKGROUND+=($!)
	await 10 grep -q 'the page is at' "$RESULT/web.log"
}

# ask STATUS PATH: the body; notes the answer for openapi.py.
ask() {
	local status
	status=$(inside keeper curl -sS --max-time 20 -o "$RESULT/body" -w '%{http_code}' "$PAGE$2")
	printf '%s %s %s\n' "$status" "$2" "$(jq -c . "$RESULT/body")" >>"$RESULT/answers"
	cat "$RESULT/body"
	[[ $status == "$1" ]]
}

@test "the API takes IPv6 in paths and parameters, with colons encoded or not" {
	local commit spelled
	serve
	commit=$(commit_at $NOON)
	for spelled in 2001:db8:0:7::9 2001%3Adb8%3A0%3A7%3A%3A9 2001:DB8:0:7:0:0:0:09; do
		diff <(ask 200 "/api/v1/address/$spelled?limit=1000" | jq -r '.address, .changes[].commit') \
			<(echo 2001:db8:0:7::9 && ak log 2001:db8:0:7::9 --json | jq -r '.events[].commit')
	done
	diff <(names "$commit" lan/2001-db8-0-7) \
		<(ask 200 "/api/v1/table?at=$NOON&prefix=2001:db8:0:7::/64&limit=1000" | addresses)
	[[ $(ask 200 "/api/v1/table?at=$NOON&limit=1000&q=2001:DB8:0:70:" | jq .total) == "$(names "$commit" lan/2001-db8-0-70 | wc -l)" ]]
	# By number, not by text, and IPv4 first.
	diff <(ak export | jq -r '.entries[].address') \
		<(ask 200 '/api/v1/table?at=now&sort=address&limit=1000' | jq -r '.entries[].address')
	[[ $(ask 200 "/api/v1/changes?address=fe80%3A%3A1&limit=1000" | jq '.changes | length') == \
		"$(ak log fe80::1 --json | jq '.events | length')" ]]
	diff <(ak diff $NOON 2026-01-01T05:20:00Z -a 2001:db8::/32 --json | jq -r '.changes[].address') \
		<(ask 200 "/api/v1/diff?from=$NOON&to=2026-01-01T05:20:00Z&prefix=2001:db8::/32" | jq -r '.changes[].address')
	[[ $(ask 200 '/api/v1/timeline?prefix=fe80::/64' | jq '[.buckets[] | .appeared + .moved + .gone + .changed] | add') == \
		"$(ak log fe80::/64 --json | jq '.events | map(.main) | length')" ]]
	"$HERE/openapi.py" answers <"$RESULT/answers"
}

@test "a map has a letter for each address of a /120, and of a /64 says what to do" {
	local commit
	serve
	commit=$(commit_at $NOON)
	ask 200 "/api/v1/map?at=$NOON&prefix=fe80::/120" >/dev/null
	[[ $(jq -r '.prefix, (.states | length)' "$RESULT/body" | tr '\n' ' ') == 'fe80::/120 256 ' ]]
	[[ $(jq -r '.states | split("") | map(select(. == "d")) | length' "$RESULT/body") == \
		"$(names "$commit" lan/fe80 | grep -Ec '^fe80::[0-9a-f]{1,2}$')" ]]
	ask 400 "/api/v1/map?at=$NOON&prefix=fe80::/64" | grep -q 'larger than a /112: give a part of it'
	ask 400 "/api/v1/address/fe80::1%25eth0" | grep -q 'is not an address like 10.0.3.17 or 2001:db8::17'
}
