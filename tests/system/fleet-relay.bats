#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A fleet with more than one hub: a node that relays between two, and nodes that have two.
# shellcheck disable=SC2034 # fleet.bash reads the variables

load lib
load nodes
load fleet

setup() {
	sandbox
	pair
	space_of b 2
	ONE=$RESULT/one.git
	OTHER=$RESULT/other.git
	git init -q --bare "$ONE"
	git init -q --bare "$OTHER"
	SEGMENT_LINES=('timeout = 5m')
}

teardown() {
	nodes_clear
}

# space_of NODE N: a wire of its own, with host hN.
space_of() {
	space "keeper-$1"
	space "h$2"
	ip -n "$ID-keeper-$1" link add lan0 address "02:00:00:00:00:0$2" type veth \
		peer name eth0 netns "$ID-h$2" address "$(host_mac "$2")"
	printf '%s\n' "addr add 10.0.0.$2/24 dev lan0" 'link set lan0 up' | ip -n "$ID-keeper-$1" -batch -
	dress_host "$2"
}

all_up() {
	local node
	for node in "${FLEET[@]}"; do
		on "$node"
		up
	done
	on a
}

speaks() {
	request "h$1" "10.0.0.$2" --wait 0.1 || true
}

has_branch() {
	git -C "$1" rev-parse -q --verify "refs/heads/node/lan/leaf-$2"
}

# a and b share no hub. c stands between them: FLEET has the way.
with_relay() {
	space_of c 3
	FLEET=(a c b)
	REMOTES=([a]="one=$ONE" [b]="other=$OTHER" [c]="one=$ONE push=relay
other=$OTHER push=relay")
	all_up
}

@test "a node with push = relay carries branches between hubs, both ways, and comes to rest" {
	with_relay
	speaks 1 1
	await 15 holds 10.0.0.11 dynamic "$(host_mac 1)"
	await 30 meets b holds 10.0.0.11 dynamic "$(host_mac 1)"
	at b answered h2 10.0.0.11 "$(host_mac 1)"
	at b foreign 10.0.0.11
	at b git -C "$RESULT/history-b.git" log --format=%b main -- "$(path_of 10.0.0.11)" | grep -qx 'Node: leaf-a'
	# The relay has no claim of what it carries.
	[[ -n $(claim a 10.0.0.11) && -z $(claim c 10.0.0.11) ]]
	at b ak set 10.0.0.50 "$ELSEWHERE"
	await 30 meets a holds 10.0.0.50 static "$ELSEWHERE"
	ak unset 10.0.0.50
	await 30 meets b lacks 10.0.0.50
	await 60 quiet
	at c lacks 10.0.0.50
	same_tree
	for node in a b c; do
		[[ $(git -C "$ONE" rev-parse "refs/heads/node/lan/leaf-$node") == "$(git -C "$OTHER" rev-parse "refs/heads/node/lan/leaf-$node")" ]]
	done
}

@test "while the relay is away each side goes on, and when it is back what was unset stays away" {
	with_relay
	ak set 10.0.0.50 "$ELSEWHERE"
	ak set 10.0.0.51 "$ELSEWHERE"
	await 30 meets b holds 10.0.0.51 static "$ELSEWHERE"
	on c
	agent_kill
	on a
	FLEET=(a b)
	at b ak unset 10.0.0.50
	ak set 10.0.0.52 "$ELSEWHERE"
	exchange
	at b lacks 10.0.0.52
	holds 10.0.0.50 static
	FLEET=(a c b)
	on c
	up
	on a
	await 30 meets b holds 10.0.0.52 static "$ELSEWHERE"
	await 30 meets a lacks 10.0.0.50
	await 60 quiet
	at c lacks 10.0.0.50
	at b lacks 10.0.0.50
	same_tree
}

@test "with push = own, a node between two hubs carries nothing" {
	space_of c 3
	FLEET=(a c b)
	REMOTES=([a]="one=$ONE" [b]="other=$OTHER" [c]="one=$ONE
other=$OTHER")
	all_up
	ak set 10.0.0.50 "$ELSEWHERE"
	await 30 meets c holds 10.0.0.50 static "$ELSEWHERE"
	at c ak set 10.0.0.51 "$ELSEWHERE"
	await 30 meets b holds 10.0.0.51 static "$ELSEWHERE"
	at b lacks 10.0.0.50
	refuses has_branch "$OTHER" a
}

@test "a node with two remotes goes on with one of them, and fills the other when it is back, empty" {
	REMOTES=([a]="one=$ONE
other=$OTHER" [b]="one=$ONE
other=$OTHER")
	all_up
	ak set 10.0.0.50 "$ELSEWHERE"
	await 30 meets b holds 10.0.0.50 static "$ELSEWHERE"
	rm -rf "$ONE"
	LOST=1
	at b ak unset 10.0.0.50
	await 30 meets a lacks 10.0.0.50
	speaks 1 1
	await 15 holds 10.0.0.11 dynamic "$(host_mac 1)"
	await 30 meets b holds 10.0.0.11 dynamic "$(host_mac 1)"
	ak status --json | jq -e '(.remotes[] | select(.remote == "one") | .error != null) and
		(.remotes[] | select(.remote == "other") | .error == null)'
	git init -q --bare "$ONE"
	LOST=''
	exchange
	await 60 quiet
	for node in a b; do
		[[ $(git -C "$ONE" rev-parse "refs/heads/node/lan/leaf-$node") == "$(git -C "$OTHER" rev-parse "refs/heads/node/lan/leaf-$node")" ]]
	done
	lacks 10.0.0.50
	at b lacks 10.0.0.50
	same_tree
}

@test "a remote that is behind the other takes nothing back" {
	REMOTES=([a]="one=$ONE
other=$OTHER" [b]="one=$ONE
other=$OTHER")
	all_up
	ak set 10.0.0.50 "$ELSEWHERE"
	await 30 meets b holds 10.0.0.50 static "$ELSEWHERE"
	cp -r "$ONE" "$RESULT/old.git"
	ak unset 10.0.0.50
	await 30 meets b lacks 10.0.0.50
	# From a backup.
	rm -rf "$ONE"
	mv "$RESULT/old.git" "$ONE"
	exchange
	await 60 quiet
	lacks 10.0.0.50
	at b lacks 10.0.0.50
	[[ $(git -C "$ONE" rev-parse refs/heads/node/lan/leaf-a) == "$(git -C "$OTHER" rev-parse refs/heads/node/lan/leaf-a)" ]]
	same_tree
}
