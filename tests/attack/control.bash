# SPDX-License-Identifier: MIT
#
# What the attacks on the control socket share: other users, attackers in the background (control.py),
# the bound on the agent's memory.
#
#   setup() { attack_setup; }     teardown() { attack_teardown; }
#
# shellcheck shell=bash disable=SC2034,SC2154 # as in tests/system/lib.bash

load ../system/lib

# A large table, most of it empty: `show` must look at all of it.
LAN=10.0.0.0/12
MALLORY=47110 # users and a group that exist nowhere else: the kernel does not mind
OPERATORS=47200
SET_MS=$((200 * TIME_FACTOR))
SANITIZED=$((TIME_FACTOR > 1 ? 8 : 1)) # a sanitizer keeps what is freed for a while

attack_setup() {
	AGENT_LINES="operators = $OPERATORS"
	sandbox
	# Else it keeps 256 MB of what is freed.
	export ASAN_OPTIONS="$ASAN_OPTIONS:quarantine_size_mb=4"
	pair
	CLIENT=$SHORT/control.py
	cp "$(dirname "${BASH_SOURCE[0]}")/control.py" "$CLIENT"
	chmod 755 "$SHORT"
	mkdir -m 777 "$SHORT/attack"
	ATTACKERS=()
}

attack_teardown() {
	touch "$SHORT"/attack/{1..9}
	sandbox_clear
}

# as UID COMMAND...: as that user, in no group but its own.
as() {
	local uid=$1
	shift
	setpriv --reuid "$uid" --regid "$uid" --clear-groups "$@"
}

# attack UID ARGUMENT...: control.py as that user, in the background; returns when it has begun.
attack() {
	local uid=$1
	shift
	local number=$((${#ATTACKERS[@]} + 1))
	as "$uid" python3 "$CLIENT" "$SOCKET" "$@" --until "$SHORT/attack/$number" >"$RESULT/attack.$number" 2>&1 3>&- &
	ATTACKERS+=($!)
	BACKGROUND+=($!)
	await 60 test -e "$SHORT/attack/$number.begun"
}

# The attacks end, and print their figures.
attacks_end() {
	local number
	for ((number = 1; number <= ${#ATTACKERS[@]}; number++)); do
		touch "$SHORT/attack/$number"
		wait "${ATTACKERS[number - 1]}"
		echo "attack $number: $(cat "$RESULT/attack.$number")"
	done
}

# said ATTACK TEXT: the agent said so to that attacker.
said() {
	jq -e --arg text "$2" '.said | any(contains($text))' "$RESULT/attack.$1" >/dev/null
}

peak_kb() {
	awk '/^VmHWM/ { print $2 }' "/proc/$AGENT/status"
}

# From now on, grew_by_less_than() counts.
memory_counts() {
	BEFORE=$(peak_kb)
}

# grew_by_less_than KB: the agent's memory, at its peak.
grew_by_less_than() {
	local growth=$(($(peak_kb) - BEFORE))
	echo "memory: $BEFORE kB, and grew by $growth kB; bound $(($1 * SANITIZED))"
	((growth < $1 * SANITIZED))
}

# root_is_served [MS]: an operator's changes do not wait for the attack. One of them may meet a stall of the disk.
root_is_served() {
	local figures bound=${1:-$SET_MS}
	figures=$(python3 "$CLIENT" "$SOCKET" set --count 15)
	echo "set beside the attack: $figures; bound $bound ms"
	jq -e ".failed == [] and .second_ms < $bound" <<<"$figures" >/dev/null
}

operator_is_served() {
	setpriv --reuid 47150 --regid 47150 --groups "$OPERATORS" \
		python3 "$CLIENT" "$SOCKET" set --count 3 | jq -e '.failed == []'
}
