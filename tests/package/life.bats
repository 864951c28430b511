#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# The package's life on a Debian with systemd: installed, started, upgraded, removed, purged.
# shellcheck shell=bash

load ../system/lib
load machine

setup() {
	sandbox
	pair
}

teardown() {
	machine_end
	sandbox_clear
}

# started: configured, enabled, and answering for a declared address.
started() {
	configure_machine
	within systemctl enable --now arpkeeper
	active
	within arpkeeper set 10.0.0.50 "$ELSEWHERE" --note 'before'
	answered h1 10.0.0.50 "$ELSEWHERE"
}

# stream_start: 400 requests a second for the declared address, until none_lost.
stream_start() {
	frames h1 stream --spa 10.0.0.11 --tpa 10.0.0.50 --rate 400 --wait 120 --until "$SHORT/enough" >"$RESULT/stream.json" 3>&- &
	STREAM=$!
	BACKGROUND+=("$STREAM")
}

# none_lost LEAST
none_lost() {
	touch "$SHORT/enough"
	wait "$STREAM"
	cat "$RESULT/stream.json"
	[ "$(jq .lost "$RESULT/stream.json")" -eq 0 ]
	[ "$(jq .sent "$RESULT/stream.json")" -gt "$1" ]
}

# accounts ROOT: the user and the group in that root's files, without their numbers; and their folder.
accounts() {
	local top=$1 numbers
	numbers=$(sed -n 's/^arpkeeper:[^:]*:\([0-9]*:[0-9]*\):.*/\1/p' "$top/etc/passwd")
	sed -n 's/^arpkeeper:x:[0-9]*:[0-9]*:/user /p' "$top/etc/passwd"
	grep -c "^arpkeeper:[^:]*:${numbers#*:}:$" "$top/etc/group"
	sed -n 's/^arpkeeper:\([^:]*\):.*/password \1/p' "$top/etc/shadow"
	[[ $(stat -c %u:%g "$top/var/lib/arpkeeper") == "$numbers" ]]
	stat -c '%n %a' "$top/var/lib/arpkeeper" | sed "s|^$top||"
}

# files: all of the machine, without what dpkg and systemd keep for themselves.
files() {
	within find / -xdev \( -path /var/lib/dpkg -o -path /var/log -o -path /var/cache -o -path /root -o -path /tmp -o -path /var/tmp \
		-o -path /etc/passwd- -o -path /etc/group- -o -path /etc/shadow- -o -path /etc/gshadow- \
		-o -path /var/lib/systemd/timers \) -prune -o -printf '%y %m %u %g %p\n' | sort
}

@test "installed, it starts and attaches nothing; user, group and folder are those of make install" {
	machine_start
	package -i "$NEWS"
	nothing_left
	inactive
	inactive arpkeeper-offload
	refuses within systemctl is-enabled arpkeeper
	refuses within test -e /run/arpkeeper

	make -s -C "$ROOT" install BUILD="$(realpath --relative-to="$ROOT" "$BUILD")" PREFIX=/usr DESTDIR="$SHORT/made"
	systemd-sysusers --root="$SHORT/made"
	mkdir -p "$SHORT/made/var/lib"
	systemd-tmpfiles --root="$SHORT/made" --create --prefix=/var/lib/arpkeeper
	accounts "$SHORT/made" >"$RESULT/made"
	(($(wc -l <"$RESULT/made") == 4))
	diff "$RESULT/made" <(accounts "/proc/$INIT/root")

	# As installed it has no segment, and says what to do.
	refuses within systemctl start arpkeeper
	within systemctl stop arpkeeper
	within journalctl -u arpkeeper --no-pager | grep 'arpkeeper.conf has no segment: add one'
	nothing_left
}

@test "started by systemd, it answers, keeps history as its user, and takes changes of the operators' group" {
	machine_start
	package -i "$NEWS"
	within groupadd netops
	within useradd -G netops ann
	within useradd bob
	configure_machine 'operators = netops'
	within systemctl enable --now arpkeeper
	[[ $(status_of .recorder.user) == arpkeeper ]]
	within runuser -u ann -- arpkeeper set 10.0.0.50 "$ELSEWHERE"
	answered h1 10.0.0.50 "$ELSEWHERE"
	run within runuser -u bob -- arpkeeper unset 10.0.0.50
	((status == 1))
	within runuser -u bob -- arpkeeper show
	[[ $(within stat -c %U:%G "$HISTORY") == arpkeeper:arpkeeper ]]
	within systemctl reload arpkeeper

	stream_start
	within systemctl restart arpkeeper
	none_lost 100
	within systemctl stop arpkeeper
	await 10 nothing_left
	within runuser -u arpkeeper -- git -C "$HISTORY" fsck --strict
}

@test "an upgrade with the program attached loses no request, and keeps configuration and history" {
	local pid
	machine_start
	package -i "$OLDS"
	started
	[[ $(status_of .version) == 0.1.0 ]]
	pid=$(status_of .pid)
	stream_start
	package -i "$NEWS"
	active
	[[ $(status_of .version) == "$VERSION" && $(status_of .pid) != "$pid" ]]
	none_lost 100
	answered h1 10.0.0.50 "$ELSEWHERE"
	within grep -q 'node = machine' /etc/arpkeeper.conf
	[[ $(within systemctl is-enabled arpkeeper) == enabled ]]
	[[ $(within arpkeeper log 10.0.0.50 --json | jq '.events | length') == 1 ]]

	# And back.
	package -i "$OLDS"
	[[ $(status_of .version) == 0.1.0 ]]
	answered h1 10.0.0.50 "$ELSEWHERE"
}

@test "an upgrade starts no service that was stopped" {
	machine_start
	package -i "$OLDS"
	started
	within systemctl stop arpkeeper
	package -i "$NEWS"
	inactive
	await 10 nothing_left
}

@test "removed, it leaves history and configuration; installed again, it goes on; purged, it leaves its user" {
	machine_start
	files >"$RESULT/before"
	package -i "$NEWS"
	started
	package -r arpkeeper
	nothing_left
	refuses within test -e /run/arpkeeper
	unanswered h1 10.0.0.50
	within runuser -u arpkeeper -- git -C "$HISTORY" fsck --strict
	within grep -q 'node = machine' /etc/arpkeeper.conf

	package -i "$NEWS"
	within systemctl start arpkeeper
	answered h1 10.0.0.50 "$ELSEWHERE"

	package -P arpkeeper
	nothing_left
	files >"$RESULT/after"
	diff "$RESULT/before" "$RESULT/after"
	within grep -q '^arpkeeper:' /etc/passwd
}

@test "without systemd it is installed, upgraded under an agent that runs, removed and purged; the program goes" {
	machine_start /usr/bin/sleep infinity
	package -i "$OLDS"
	nothing_left
	within grep -q '^arpkeeper:' /etc/passwd
	configure_machine
	# shellcheck disable=SC2046 # words
	within $(within sed -n 's/^ExecStart=//p' /lib/systemd/system/arpkeeper.service) >"$RESULT/agent.log" 2>&1 &
	BACKGROUND+=($!)
	await 20 within arpkeeper status
	within arpkeeper set 10.0.0.50 "$ELSEWHERE"
	stream_start
	package -i "$NEWS"
	[[ $(status_of .version) == 0.1.0 ]]
	# shellcheck disable=SC2016 # there
	within sh -c 'kill -9 "$1"' sh "$(status_of .pid)"
	none_lost 50
	package -r arpkeeper
	nothing_left
	unanswered h1 10.0.0.50
	package -P arpkeeper
	refuses within test -e /var/lib/arpkeeper
}
