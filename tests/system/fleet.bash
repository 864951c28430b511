# SPDX-License-Identifier: MIT
#
# A fleet's nodes in one test: FLEET has their names as nodes.bash has them (a: the sandbox's own), REMOTES each one's remotes,
# "NAME=URL [KEY=VALUE]...", and SEGMENT_LINES what each says of its segment; POLL is of all remotes. HUB is the remote of those that have none there.
# shellcheck shell=bash disable=SC2034,SC2153,SC2154 # lib.bash, nodes.bash and the tests use the variables

FLEET=(a b) SEGMENT_LINES=() LOST='' POLL=200ms
declare -gA REMOTES

# far_wire: node b has a wire of its own, with host 2.
far_wire() {
	space keeper-b
	space h2
	ip -n "$ID-keeper-b" link add lan0 address 02:00:00:00:00:02 type veth \
		peer name eth0 netns "$ID-h2" address "$(host_mac 2)"
	printf '%s\n' 'addr add 10.0.0.2/24 dev lan0' 'link set lan0 up' | ip -n "$ID-keeper-b" -batch -
	dress_host 2
}

# on NODE: the commands are about that node from now on.
on() {
	local remote word
	NODE_CONFIG=("${SEGMENT_LINES[@]}" '[fleet]' "node = leaf-$1")
	while read -r remote; do
		NODE_CONFIG+=("[remote \"${remote%%=*}\"]" "poll = $POLL")
		for word in url=${remote#*=}; do
			NODE_CONFIG+=("${word/=/ = }")
		done
	done <<<"${REMOTES[$1]:-hub=$HUB}"
	node "$1"
}

# at NODE COMMAND...: there, and back again.
at() {
	local here=$NODE status=0
	on "$1"
	"${@:2}" || status=$?
	on "$here"
	return "$status"
}

# exchange: each node has what all have. With LOST set, some remotes need not be reached.
exchange() {
	local i last=$((${#FLEET[@]} - 1))
	for ((i = 0; i <= last; i++)); do
		at "${FLEET[i]}" ak sync || [[ -n ${LOST:-} ]] || return 1
	done
	for ((i = last - 1; i >= 0; i--)); do
		at "${FLEET[i]}" ak sync || [[ -n ${LOST:-} ]] || return 1
	done
}

# meets NODE COMMAND...: they have exchanged, and the command succeeds at the node.
meets() {
	exchange && at "$@"
}

# foreign ADDRESS: another node has it.
foreign() {
	look show --json | grep -F "\"address\": \"$1\"," | grep -q '"foreign": true'
}

ours() {
	entries_of "$1" && refuses foreign "$1"
}

# said: every commit of each node.
said() {
	local repository
	for repository in "$RESULT"/history*.git; do
		git -C "$repository" rev-list --all --count
	done
}

# quiet: ten exchanges of each node, side by side, and no commit.
quiet() {
	local before n node exchanges
	before=$(said)
	for ((n = 0; n < 10; n++)); do
		exchanges=()
		for node in "${FLEET[@]}"; do
			at "$node" ak sync &
			exchanges+=($!)
		done
		for node in "${exchanges[@]}"; do
			wait "$node" || return 1
		done
	done
	[[ $(said) == "$before" ]]
}

# claim NODE ADDRESS: what the node's own branch says of it; "" for nothing.
claim() {
	git -C "$RESULT/history$([[ $1 == a ]] || echo "-$1").git" show "refs/heads/node/lan/leaf-$1:$(path_of "$2")" 2>/dev/null || true
}

# same_tree [ADDRESS...]: main of each node has the same files, but for these addresses.
same_tree() {
	local repository trees but
	but=$(printf '|%s' "$@")
	trees=$(for repository in "$RESULT"/history*.git; do
		git -C "$repository" ls-tree -r main | grep -vE "/(none${but%|})\$" | git hash-object --stdin
	done | sort -u)
	[[ $trees != *$'\n'* ]]
}
