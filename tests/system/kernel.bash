# SPDX-License-Identifier: MIT
#
# What the host's own neighbour table has: the file that loads this defines neigh, which lists it.
# shellcheck shell=bash

# is_known ADDRESS TEXT...: the keeper's table has it, and says all of these.
is_known() {
	local line text
	line=$(neigh "$1")
	shift
	[[ -n $line ]] || return 1
	for text; do
		[[ $line == *" $text"* ]] || return 1
	done
}

# is_ours ADDRESS MAC: an entry that the agent made.
is_ours() {
	is_known "$1" "lladdr $2" extern_learn 'proto 65'
}

is_unknown() {
	[[ -z $(neigh "$1") ]]
}
