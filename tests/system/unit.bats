#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What `make install` installs, and whether the agent can live with what its systemd unit leaves it.
# shellcheck shell=bash

load lib

setup() {
	sandbox
	TARGET=$SHORT/target
	STRANGER=64123
	RUN_OPTIONS=()
	# Root reads another user's repository.
	export GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=safe.directory GIT_CONFIG_VALUE_0='*'
}

teardown() {
	sandbox_clear
}

# install_into ROOT TARGET: with PREFIX=/usr.
install_make() {
	make -s -C "$ROOT" "$@" BUILD="$(realpath --relative-to="$ROOT" "$(dirname "$ARPKEEPER")")" \
		PREFIX=/usr DESTDIR="$TARGET"
}

@test "make install puts everything below DESTDIR, and uninstall removes it" {
	install_make install
	[[ $("$TARGET/usr/sbin/arpkeeper" --version) == "$("$ARPKEEPER" --version)" ]]
	# What a command does not need, it does not load: half of the time of a short one was spent on that.
	ldd "$TARGET/usr/sbin/arpkeeper" >"$RESULT/libraries"
	refuses grep -E 'lib(git2|ssh2|krb5|mbed|systemd|bpf|crypto)' "$RESULT/libraries"
	man -l "$TARGET/usr/share/man/man8/arpkeeper.8" | grep -q arpkeeper
	grep -qx 'ExecStart=/usr/sbin/arpkeeper run -c /etc/arpkeeper.conf' \
		"$TARGET/usr/lib/systemd/system/arpkeeper.service"
	grep -qx 'ExecStop=/usr/sbin/arpkeeper detach -c /etc/arpkeeper.conf' \
		"$TARGET/usr/lib/systemd/system/arpkeeper-offload.service"
	[[ -s $TARGET/usr/lib/sysusers.d/arpkeeper.conf && -s $TARGET/usr/lib/tmpfiles.d/arpkeeper.conf ]]
	"$TARGET/usr/sbin/arpkeeper" check "$TARGET/usr/share/doc/arpkeeper/arpkeeper.conf.example"
	install_make uninstall
	[[ -z $(find "$TARGET" -type f) ]]
}

@test "the installed files make the user, the group and a folder that is theirs" {
	install_make install
	mkdir -p "$TARGET/etc" "$TARGET/var/lib"
	systemd-sysusers --root="$TARGET"
	systemd-tmpfiles --root="$TARGET" --create --prefix=/var/lib/arpkeeper
	IFS=: read -r _ _ uid gid _ home shell < <(grep '^arpkeeper:' "$TARGET/etc/passwd")
	((uid > 0))
	grep -q "^arpkeeper:[^:]*:$gid:$" "$TARGET/etc/group"
	grep -q '^arpkeeper:!' "$TARGET/etc/shadow"
	[[ $home == /var/lib/arpkeeper && $shell == */nologin ]]
	[[ $(stat -c '%a %u %g' "$TARGET/var/lib/arpkeeper") == "750 $uid $gid" ]]
}

# Once for the file: a make takes 0.4 s of CPU time.
unit_installed() {
	local installed=$BATS_FILE_TMPDIR/installed
	[[ -d $installed ]] || TARGET=$installed install_make install
	cp -a "$installed" "$TARGET"
	UNIT=$TARGET/usr/lib/systemd/system/arpkeeper.service
}

@test "the unit is exposed at most 2.5, by systemd's own measure" {
	unit_installed
	run systemd-analyze security --offline=yes --threshold=25 "$UNIT"
	says 'Overall exposure level'
	((status == 0))
	# Two keys are newer than the oldest systemd.
	refuses grep -E 'Unknown|ignoring|Failed to parse' < <(grep -v 'Restart\(Steps\|MaxDelaySec\)' <<<"$output")
}

# Each line that stays open is explained.
@test "docs/security.md has a reason for each setting that is open" {
	local settings setting
	unit_installed
	settings=$(systemd-analyze security --offline=yes --json=short "$UNIT" 2>/dev/null |
		jq -r '.[] | select(.set == false and .exposure != null) | .name')
	((${#settings} > 100))
	while read -r setting; do
		# In a table, a bar is written with a backslash.
		grep -qF -- "\`${setting//|/\\|}\`" "$ROOT/docs/security.md" || {
			echo "docs/security.md does not explain $setting"
			return 1
		}
	done <<<"$settings"
}

# unit_calls: the calls that the unit's SystemCallFilter lines leave, one a line.
unit_calls() {
	local line word
	declare -A allowed
	while read -r line; do
		for word in ${line#\~}; do
			while read -r call; do
				if [[ $line == \~* ]]; then
					unset "allowed[$call]"
				else
					allowed[$call]=1
				fi
			done < <(calls_of "$word")
		done
	done < <(sed -n 's/^SystemCallFilter=//p' "$UNIT")
	printf '%s\n' "${!allowed[@]}"
}

calls_of() {
	local words word
	if [[ $1 != @* ]]; then
		echo "$1"
		return
	fi
	mapfile -t words < <(systemd-analyze syscall-filter "$1" 2>/dev/null | sed -n 's/^ \+\([@a-z0-9_-]*\)$/\1/p')
	for word in "${words[@]}"; do
		calls_of "$word"
	done
}

# as_unit COMMAND...: in a mount namespace like the unit's, with its capabilities, in place of this shell.
as_unit() {
	local bounds
	bounds=$(sed -n 's/^CapabilityBoundingSet=//p' "$UNIT" | tr ' ' '\n' | sed 's/^CAP_/+/' | tr '[:upper:]\n' '[:lower:],')
	# shellcheck disable=SC2016 # the inner shell expands them
	exec unshare --mount --propagation private bash -euc '
		for folder in "$2" "$3" /run/arpkeeper; do
			mount --bind "$folder" "$folder"
		done
		mount -o remount,bind,ro /
		mount -o remount,bind,ro /sys
		mount -t proc -o hidepid=invisible,subset=pid proc /proc
		exec setpriv --no-new-privs --bounding-set="$1" "${@:4}"' \
		as-unit "-all,${bounds%,}" "$RESULT" "$SHORT" "$@"
}

# unit_start [COMMAND...]: the agent, run by COMMAND. As on a machine with the user arpkeeper, the
# repository is not root's.
unit_start() {
	mkdir -p /run/arpkeeper "$REPO"
	chown "$STRANGER" "$REPO"
	as_unit "$@" "$ARPKEEPER" run -c "$CONFIG" --netns "$ID-keeper" --recorder-user "$STRANGER" "${RUN_OPTIONS[@]}" >>"$RESULT/agent.log" 2>&1 3>&- &
	AGENT=$!
	await 20 agent_answers_or_ended
	agent_answers
}

@test "the agent works with the files and capabilities that the unit leaves it" {
	unit_installed
	AGENT_LINES="operators = $((STRANGER + 1))" configure
	pair
	unit_start
	inside h1 ping -c 1 -W 5 10.0.0.1
	await 10 recorded "$(host_address 1)"
	ak set 10.0.0.77 "$ELSEWHERE"
	answered h1 10.0.0.77 "$ELSEWHERE"
	at_rest
	agent_stop
}

@test "where the journal listens, lines have priorities and no time stamps; the libraries speak only at debug" {
	unit_installed
	pair
	: >"$RESULT/agent.log"
	export JOURNAL_STREAM
	JOURNAL_STREAM=$(stat -c %d:%i "$RESULT/agent.log")
	unit_start
	ak set 10.0.0.77 "$ELSEWHERE"
	agent_stop
	# Of the recorder, too: it has another environment.
	grep -q '^<6>arpkeeper ' "$RESULT/agent.log"
	refuses grep -vE '^<[3467]>[^<]' "$RESULT/agent.log"
	refuses grep -E '^<.>20..-|libbpf|libxdp' "$RESULT/agent.log"
	RUN_OPTIONS=(--log-level debug)
	unit_start
	agent_stop
	grep -iE '^<7>(libbpf|libxdp)' "$RESULT/agent.log"
	run ak status --quiet --log-level loud
	((status == 2))
	says "error, warning, info or debug"
}

@test "a signal to all processes at once, as systemd sends it, ends the agent in order" {
	local pid starter n
	unit_installed
	pair
	unit_start
	pid=$(recorder)
	starter=$(sed -n 's/^PPid:[[:space:]]*//p' "/proc/$pid/status")
	for n in 70 71 72; do
		frames h1 send --spa "10.0.0.$n" --sha "02:bb:bb:bb:bb:$n" --src "02:bb:bb:bb:bb:$n" --tpa 10.0.0.1 --wait 0
	done
	ak set 10.0.0.77 "$ELSEWHERE"
	kill -TERM "$pid" "$starter" "$AGENT"
	wait "$AGENT"
	AGENT=''
	recorded 10.0.0.77 "$ELSEWHERE" static
	await 10 gone "$pid"
	await 10 gone "$starter"
	refuses grep -E 'the recorder ended|unrecorded' "$RESULT/agent.log"
	[[ $(xdp_mode) == '' ]]
}

gone() {
	! kill -0 "$1" 2>/dev/null
}

@test "the agent makes only system calls, and opens only sockets, that the unit allows" {
	unit_installed
	pair
	# Sanitizers make calls of their own.
	[[ $(dirname "$ARPKEEPER") != */sanitize ]] || skip "sanitizers make calls of their own"
	unit_start strace -f -qq -e signal=none -o "$RESULT/calls"
	inside h1 ping -c 1 -W 5 10.0.0.1
	ak set 10.0.0.77 "$ELSEWHERE"
	git -C "$REPO" rev-parse -q --verify main
	ak stop
	wait "$AGENT"
	AGENT=''
	unit_calls | sort -u >"$RESULT/allowed"
	sed -nE 's/^[0-9]+ +([a-z_0-9]+)\(.*/\1/p' "$RESULT/calls" | sort -u >"$RESULT/made"
	(($(wc -l <"$RESULT/made") > 50))

	run comm -13 "$RESULT/allowed" "$RESULT/made"
	echo "not allowed: $output"
	[[ -z $output ]]
	run sed -nE 's/.* socket\((AF_[A-Z0-9]+).*/\1/p' "$RESULT/calls"
	for family in $output; do
		sed -n 's/^RestrictAddressFamilies=//p' "$UNIT" | grep -qw "$family"
	done
}
