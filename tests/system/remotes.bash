# SPDX-License-Identifier: MIT
#
# A node and one remote of it, HUB, whose branches the test itself writes.
# shellcheck shell=bash disable=SC2034,SC2154 # lib.bash and the tests use the variables

# with_remote URL [LINE...]: the configuration, with one remote.
with_remote() {
	configure
	{
		printf '[fleet]\n\tnode = leaf1\n[remote "hub"]\n\turl = %s\n' "$1"
		printf '\t%s\n' "poll = 100ms" "${@:2}"
	} >>"$CONFIG"
}

# grow REPOSITORY BRANCH TEXT: a commit more.
grow() {
	local tree parent
	tree=$(printf '100644 blob %s\tREADME.md\n' "$(git -C "$1" hash-object -w --stdin <<<"$3")" | git -C "$1" mktree)
	parent=$(git -C "$1" rev-parse -q --verify "refs/heads/node/$2") || true
	git -C "$1" update-ref "refs/heads/node/$2" "$(git -C "$1" commit-tree -m "$3" ${parent:+-p "$parent"} "$tree")"
}

# fetched BRANCH: this node has what the hub has.
fetched() {
	[[ $(git -C "$REPO" rev-parse "refs/fleet/from/hub/$1") == "$(git -C "$HUB" rev-parse "refs/heads/node/$1")" ]]
}

# remote FILTER: of the first remote in status.
remote() {
	ak status --json | jq -e ".remotes[0] | $1"
}

# as_node FOLDER REQUEST STATUS: an exchange that ends so; $output is its report.
as_node() {
	local status=0
	output=$(setpriv --reuid 64123 --regid 64123 --clear-groups env -i HOME="$1/node" PATH="$PATH" \
		"$ARPKEEPER" hook sync --repo "$1/node/r.git" <<<"$2" 2>&1) || status=$?
	((status == $3))
}
