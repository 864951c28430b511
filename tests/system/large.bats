#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
#
# Many entries at once: a large table at start, and a push of many changes. Meanwhile the agent answers,
# and its control socket stays quick.

load lib

setup() {
	export LAN=10.0.0.0/17
	sandbox
}

teardown() {
	sandbox_clear
}

million() {
	python3 "$HERE/million.py" "$@"
}

# slowest_status UNTIL: asks for the status until that file exists; prints the longest time in ms.
slowest_status() {
	python3 - "$SOCKET" "$1" <<'END'
import json, os, socket, sys, time

longest = 0
while not os.path.exists(sys.argv[2]):
    began = time.monotonic()
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(sys.argv[1])
        control.sendall(b'{"command": "status"}\n')
        json.loads(control.makefile().readline())
    longest = max(longest, time.monotonic() - began)
print(int(longest * 1000))
END
}

@test "a push of 20,000 changes merges, while every host is answered" {
	pair
	million make "$REPO" --prefix 10.0.0.0/17 --entries 20000 --static
	agent_start --mode generic
	grep -q "20000 entries are known" "$RESULT/agent.log"
	answered h1 10.0.70.7 "02:00:00:00:46:07"

	git clone -q --bare "$REPO" "$SHORT/clone.git"
	million change "$SHORT/clone.git" refs/heads/many 20000 --prefix 10.0.0.0/17 --entries 20000 \
		--static --round 9
	slowest_status "$SHORT/done" >"$SHORT/slowest" &
	BACKGROUND+=($!)
	# The guard for mass changes reads every path, and so many must be meant.
	refuses git -C "$SHORT/clone.git" push -q origin many:merge/many 2>"$SHORT/said"
	grep -Eq "it would change or remove (19999|20000) known addresses" "$SHORT/said"
	git -C "$SHORT/clone.git" push -q -o confirm=20000 origin many:merge/many 2>"$SHORT/said"
	touch "$SHORT/done"
	wait "${BACKGROUND[0]}"
	# All but the host's own address, 10.0.0.1.
	grep -q "merged merge/many: 19999 addresses changed" "$SHORT/said"
	# A tenth of a second even on a busy machine: the loop's turns are a millisecond or two.
	(($(<"$SHORT/slowest") < 100 * TIME_FACTOR))
	await 5 holds 10.0.0.10 static 02:09:00:00:00:0a
	at_rest
	[[ $(commits sync) == 0 && -z $(git -C "$REPO" for-each-ref refs/heads/merge) ]]
	reported -e '.loop.turns > 0 and .loop.longest_ms > 0'
}

@test "beyond a thousand addresses, a tenth of the segment may change unconfirmed" {
	local folder
	pair
	million make "$REPO" --prefix 10.0.0.0/17 --entries 12000 --static
	agent_start --mode generic
	# 1,024 of 12,000 and of 10,976; 1,280 are more than a tenth.
	ak unset 10.0.4.0-10.0.7.255
	run ak unset 10.0.8.0-10.0.12.255
	[ "$status" -eq 1 ]
	says "would change or remove 1280 known addresses" "history.guard allows 1000, or a tenth of a segment at once" "--confirm 1280"
	holds 10.0.8.1 static 02:00:00:00:08:01
	ak unset 10.0.8.0-10.0.12.255 --confirm 1280
	lacks 10.0.8.1
	# The same by push: of 9,696.
	git clone -q "$REPO" "$SHORT/clone"
	for folder in 20 21 22 23; do
		git -C "$SHORT/clone" rm -rq "lan/10.0/10.0.$folder"
	done
	git -C "$SHORT/clone" commit -qm 'four folders'
	run git -C "$SHORT/clone" push origin HEAD:merge/four
	[ "$status" -ne 0 ]
	says "it would change or remove 1024 known addresses" "git push -o confirm=1024"
	git -C "$SHORT/clone" push -q -o confirm=1024 origin HEAD:merge/four
	lacks 10.0.20.1
	# Of 8,672 no 868 are too many: a thousand are always allowed.
	for folder in 30 31 32; do
		git -C "$SHORT/clone" rm -rq "lan/10.0/10.0.$folder"
	done
	git -C "$SHORT/clone" rm -rq lan/10.0/10.0.33/10.0.33.1*
	git -C "$SHORT/clone" commit -qm 'three and a half'
	git -C "$SHORT/clone" push -q origin HEAD:merge/three
	lacks 10.0.30.1
	await 5 at_rest
}

merged_all() {
	[[ -z $(git -C "$REPO" for-each-ref refs/heads/merge) ]]
}

@test "changes during the merge of a large push are kept, whichever came first" {
	pair
	million make "$REPO" --prefix 10.0.0.0/17 --entries 20000 --static
	agent_start --mode generic
	million change "$REPO" refs/heads/merge/many 20000 --prefix 10.0.0.0/17 --entries 20000 \
		--static --round 9
	for host in 3 9000 19999; do
		ak set "10.0.$((host / 256)).$((host % 256))" "02:aa:00:00:00:01" -m "in between"
	done
	await 20 merged_all
	at_rest
	[[ $(git -C "$REPO" log --format=%s main | grep -c 'in between') == 3 ]]
}

@test "a reload of 900,000 entries loses no request" {
	pair
	million make "$REPO" --entries 900000 --static
	LAN=10.0.0.0/12 configure
	agent_start --mode generic
	frames h1 stream --spa 10.0.0.11 --tpa 10.13.0.7 --rate 400 --wait 60 --until "$SHORT/enough" >"$RESULT/stream.json" 3>&- &
	BACKGROUND+=($!)
	answered h1 10.13.0.7 02:00:00:0d:00:07
	LAN=10.0.0.0/12 configure 'timeout = 7m'
	ak reload
	reported .loop
	# And on another table, for which the program is replaced.
	LAN=10.0.0.0/11 configure 'timeout = 7m'
	ak reload
	reported .loop
	touch "$SHORT/enough"
	wait "${BACKGROUND[0]}"
	jq . "$RESULT/stream.json"
	grep 'reload by root' "$RESULT/agent.log"
	jq -e '.lost == 0 and .sent > 100' "$RESULT/stream.json"
	[[ $(reported .table.static) == 899999 ]]
	[[ $(commits recover) == 0 ]]
}

@test "after an import that is too large to follow, the look-back index reaches main without another change" {
	LAN=10.0.0.0/13
	pair
	configure
	agent_start
	python3 - >"$RESULT/list.txt" <<'END'
for i in range(260000):
    n = 0x0a000100 + i
    print(f"02:10:00:{i >> 16:02x}:{i >> 8 & 255:02x}:{i & 255:02x}", ".".join(str(n >> s & 255) for s in (24, 16, 8, 0)))
END
	ak import --format ethers "$RESULT/list.txt"
	# A page of arpkeeper web asks this index alone, and an operator may look at once.
	await 60 index_has 260000
}

# index_has CHANGES: each is a row of at least 16 bytes.
index_has() {
	(($(stat -c %s "$REPO/arpkeeper/index") >= 16 * $1))
}
