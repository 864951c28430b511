#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What the commands say of a fleet of two agents and a hub, and how a dead node is retired.
# shellcheck disable=SC2034 # fleet.bash reads the variables

load lib
load nodes
load fleet

setup() {
	sandbox
	pair
	far_wire
	HUB=$RESULT/hub.git
	SEGMENT_LINES=('timeout = 5m')
	git init -q --bare "$HUB"
	on b
	up
	on a
	up
}

teardown() {
	nodes_clear
}

# hears N NODE: host N asks for the node's own address, so that the node learns it.
hears() {
	request "h$1" "10.0.0.$2" --wait 0.1 || true
	await 15 holds "$(host_address "$1")" dynamic "$(host_mac "$1")"
}

# b_goes: node b has a host and a declared address, which a has, too, and its agent ends.
b_goes() {
	on b
	hears 2 2
	ak set 10.0.0.50 "$ELSEWHERE" --note 'rack 3'
	on a
	await 30 meets a holds 10.0.0.50 static "$ELSEWHERE"
	await 30 meets a holds 10.0.0.12 dynamic "$(host_mac 2)"
	at b agent_stop --keep
}

claims_of() {
	ak show "$1" --claims --json | jq -e ".claims | $2"
}

@test "fleet lists the nodes, this one first, and the remotes" {
	hears 1 1
	at b ak set 10.0.0.50 "$ELSEWHERE"
	await 30 meets a holds 10.0.0.50 static "$ELSEWHERE"
	ak fleet --json >"$RESULT/fleet.json"
	jq -e '.node == "leaf-a" and (.nodes | map(.node)) == ["leaf-a", "leaf-b"]' "$RESULT/fleet.json"
	jq -e '.nodes[0] | .state == "own" and .segments == ["lan"] and .claims == 1' "$RESULT/fleet.json"
	jq -e '.nodes[1] | .state == "live" and .claims == 1 and .remotes == ["hub"] and .behind.commits == 0 and
		.why == null and .spoke != null' "$RESULT/fleet.json"
	jq -e '.remotes[0] | .remote == "hub" and .error == null and .succeeded != null' "$RESULT/fleet.json"
	ak stats --prometheus >"$RESULT/metrics"
	grep -qx 'arpkeeper_fleet_node_behind_seconds{node="leaf-b"} 0' "$RESULT/metrics"
	grep -qx 'arpkeeper_fleet_node_claims{node="leaf-b"} 1' "$RESULT/metrics"
	grep -q '^arpkeeper_fleet_node_spoke_time_seconds{node="leaf-b"} 1' "$RESULT/metrics"
	grep -q '^arpkeeper_remote_fetched_bytes_total{remote="hub"} [1-9]' "$RESULT/metrics"
	run ak fleet
	says NODE leaf-a own leaf-b live lan hub "$HUB"
	[[ ${lines[1]} == leaf-a* ]]
	# Its branch goes back.
	at b agent_stop
	git -C "$HUB" update-ref refs/heads/node/lan/leaf-b \
		"$(git -C "$HUB" commit-tree -m other 'refs/heads/node/lan/leaf-b^{tree}')"
	ak sync
	ak fleet --json | jq -e '.nodes[1] | .node == "leaf-b" and .state == "left out" and (.why | contains("lan/leaf-b"))'
	# Without the agent, too.
	agent_stop
	run ak fleet
	says leaf-b live 'No agent answers'
}

@test "fleet without a fleet says what puts a node into one" {
	# shellcheck disable=SC2034 # nodes.bash reads it
	NODE_CONFIG=()
	node a
	agent_stop
	rm -rf "$REPO"
	up
	run ak fleet
	((status == 1))
	says 'this node is in no fleet' '[fleet]'
	run ak show --claims
	((status == 0))
	says 'no node claims anything'
}

@test "show --claims has what each node says of an address, which wins, and by which rule" {
	on b
	hears 2 2
	on a
	await 30 meets a holds 10.0.0.12 dynamic "$(host_mac 2)"
	# b is stopped, so its claim stays, and what a removes is a mark. Otherwise b drops its claim once it hears of a's.
	at b agent_stop
	ak set 10.0.0.12 "$ELSEWHERE"
	claims_of 10.0.0.12 'length == 2'
	claims_of 10.0.0.12 '.[0] | .node == "leaf-a" and .state == "static" and .wins and .rule == "operator"'
	claims_of 10.0.0.12 ".[1] | .node == \"leaf-b\" and .state == \"dynamic\" and (.wins | not) and .rule == \"operator\" and
		.mac == \"$(host_mac 2)\""
	run ak show 10.0.0.12 --claims
	says "wins: an operator's later word" "beaten: an operator's later word"
	ak unset 10.0.0.12
	claims_of 10.0.0.12 '.[0] | .state == "gone" and .wins and .mac == null and .after != null'
	run ak show --claims
	says 10.0.0.12 gone 'so no entry'
	run ak show --claims --sort mac
	((status == 2))
	run ak show --repo "$REPO"
	((status == 2))
}

@test "log --fleet weaves what all nodes said, each line with its node, without the agent and at the hub" {
	hears 1 1
	at b ak set 10.0.0.50 "$ELSEWHERE"
	await 30 meets a holds 10.0.0.50 static "$ELSEWHERE"
	ak set 10.0.0.51 "$ELSEWHERE"
	await 30 meets b holds 10.0.0.51 static "$ELSEWHERE"
	agent_stop
	ak log --fleet --json >"$RESULT/log.json"
	jq -e '[.claims[] | .node + " " + .address] | sort ==
		["leaf-a 10.0.0.11", "leaf-a 10.0.0.51", "leaf-b 10.0.0.50"]' "$RESULT/log.json"
	jq -e '[.claims[].time] | . == (sort | reverse)' "$RESULT/log.json"
	"$ARPKEEPER" log --fleet --repo "$HUB" --json | cmp - "$RESULT/log.json"
	ak log --fleet 10.0.0.50 --json | jq -e '.claims | length == 1 and .[0].node == "leaf-b" and .[0].before == null'
	ak log --fleet --by leaf-a -n 1 --json | jq -e '.claims | length == 1 and .[0].address == "10.0.0.51"'
	ak log --fleet "$(host_mac 1)" --json | jq -e '.claims | length == 1 and .[0].address == "10.0.0.11"'
	ak log --fleet --until 2001-01-01T00:00:00Z --json | jq -e '.claims == []'
	run ak log --fleet
	says NODE leaf-a leaf-b "claimed at $ELSEWHERE, static"
	run ak log --fleet --kind learn
	((status == 2))
}

@test "git log of a path on main is that address's life, with the node in each commit" {
	hears 1 1
	await 30 meets b holds 10.0.0.11 dynamic "$(host_mac 1)"
	at b ak set 10.0.0.11 "$ELSEWHERE"
	await 30 meets a holds 10.0.0.11 static "$ELSEWHERE"
	ak unset 10.0.0.11
	await 30 meets b lacks 10.0.0.11
	local node
	for node in a b; do
		on "$node"
		git -C "$REPO" log --format='%(trailers:key=Node,valueonly,separator=%x2C)' main -- "$(path_of 10.0.0.11)" >"$RESULT/life-$node"
		cat "$RESULT/life-$node"
		diff "$RESULT/life-$node" - <<<$'leaf-a\nleaf-b\nleaf-a'
	done
}

# back: node b starts again, and both have exchanged.
back() {
	at b up
	await 30 meets a true
}

@test "a node that is retired leaves its static entries to this one, and brings nothing back" {
	b_goes
	run ak fleet retire leaf-b --yes
	((status == 1))
	says 'not silent' --force
	run ak fleet retire leaf-b --force </dev/null
	((status == 1))
	says --yes
	run ak fleet retire leaf-c --yes
	((status == 1))
	says 'no node leaf-c'
	run ak fleet retire leaf-a --yes
	((status == 1))
	says 'is this node'
	ak fleet retire leaf-b --force --yes --json -m 'leaf-b burnt' >"$RESULT/retired.json"
	jq -e '.retired == "leaf-b" and .changed == 2' "$RESULT/retired.json"
	holds 10.0.0.50 static "$ELSEWHERE"
	[[ $(entry 10.0.0.50 note) == 'rack 3' ]]
	lacks 10.0.0.12
	claims_of 10.0.0.50 '.[0] | .wins and .node == "leaf-a" and .state == "static"'
	claims_of 10.0.0.12 '.[0] | .wins and .node == "leaf-a" and .state == "gone"'
	[[ $(git -C "$REPO" log -1 --format='%s %(trailers:key=Retired,valueonly,separator=)' main) == 'leaf-b burnt leaf-b' ]]
	git -C "$REPO" log -1 --format=%b main | grep -q '^Task: operator/'
	ak fleet --json | jq -e '.nodes[1] | .node == "leaf-b" and .state == "retired"'
	# Again: there is nothing left to do.
	run ak fleet retire leaf-b --yes
	((status == 0))
	says 'nothing of it was in the table'
	# It returns: what was ended stays so, until its host is heard again.
	mute 2
	back
	at b lacks 10.0.0.12
	lacks 10.0.0.12
	at b holds 10.0.0.50 static "$ELSEWHERE"
	await 30 meets a claims_of 10.0.0.50 'length == 1 and .[0].node == "leaf-a"'
	await 30 meets a claims_of 10.0.0.12 'length == 0'
	ak fleet --json | jq -e '.nodes[1].state == "live"'
	ak unset 10.0.0.50
	await 30 meets b lacks 10.0.0.50
	lacks 10.0.0.50
	inside h2 sysctl -qw net.ipv4.conf.eth0.arp_ignore=0
	at b hears 2 2
	await 30 meets a holds 10.0.0.12 dynamic "$(host_mac 2)"
}


@test "the branch of a retired node may be removed, at the node that retired it last" {
	b_goes
	ak fleet retire leaf-b --force --yes
	ak sync
	git -C "$HUB" update-ref -d refs/heads/node/lan/leaf-b
	agent_stop
	git -C "$REPO" update-ref -d refs/heads/node/lan/leaf-b
	git -C "$REPO" for-each-ref --format='delete %(refname)' 'refs/fleet/*/lan/leaf-b' 'refs/fleet/from/*/lan/leaf-b' |
		git -C "$REPO" update-ref --stdin
	up
	ak sync
	holds 10.0.0.50 static "$ELSEWHERE"
	lacks 10.0.0.12
	ak show --claims --json | jq -e '[.claims[] | .node + " " + .address] == ["leaf-a 10.0.0.50"]'
	ak fleet --json | jq -e '[.nodes[].node] == ["leaf-a"]'
	refuses git -C "$HUB" rev-parse -q --verify refs/heads/node/lan/leaf-b
}

@test "a first start in a fleet claims what main has, but for the host's own address" {
	agent_stop
	rm -rf "$REPO"
	# shellcheck disable=SC2034 # nodes.bash reads it
	NODE_CONFIG=('timeout = 5m')
	node a
	up
	hears 1 1
	ak set 10.0.0.50 "$ELSEWHERE"
	await 5 recorded 10.0.0.11
	agent_stop
	# What main has there is another host's, of when it had the address.
	ip -n "$ID-h1" addr del 10.0.0.11/24 dev eth0
	ip -n "$ID-keeper" addr add 10.0.0.11/24 dev lan0
	on a
	up
	await 30 meets a claims_of 10.0.0.50 'length == 1'
	git -C "$REPO" log --format=%h refs/heads/node/lan/leaf-a -- "$(path_of 10.0.0.11)" >"$RESULT/own"
	diff /dev/null "$RESULT/own"
	at b lacks 10.0.0.11
	recorded 10.0.0.11
}
