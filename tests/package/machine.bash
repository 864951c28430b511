# SPDX-License-Identifier: MIT
#
# A machine for the package: a Debian with systemd as its first process, in namespaces of its own, whose network is the
# sandbox's `keeper`. What the package does there, this machine does not see.
# shellcheck shell=bash disable=SC2034 # tests use the variables

BUILD=$(dirname "$ARPKEEPER")
VERSION=$("$ARPKEEPER" --version | sed 's/.* //')
NEW=$(echo "$BUILD"/deb/arpkeeper_*.deb)
OLD=$(echo "$BUILD"/deb-before/arpkeeper_*.deb)
NEWS=/root/new.deb OLDS=/root/old.deb # there
HISTORY=/var/lib/arpkeeper/history.git

# machine_start [COMMAND...]: boots it; with a COMMAND, that is its first process.
machine_start() {
	local booted=booted
	(($# == 0)) || booted=true
	(($#)) || set -- /lib/systemd/systemd
	CGROUP=$(findmnt -n -t cgroup2 -o TARGET | head -n 1)/$ID
	mkdir "$CGROUP"
	nsenter --net="/run/netns/$ID-keeper" unshare --mount --pid --ipc --uts --fork --kill-child --propagation private \
		"$ROOT/tests/package/boot" "$BUILD/package-root" "$RESULT/root" "$CGROUP" "$@" >"$RESULT/boot.log" 2>&1 3>&- &
	MACHINE=$!
	await 20 machine_is_up "$1"
	INIT=$(cat "/proc/$MACHINE/task/$MACHINE/children")
	INIT=${INIT% }
	await 60 "$booted"
	within tee "$NEWS" <"$NEW" >/dev/null
	within tee "$OLDS" <"$OLD" >/dev/null
}

# machine_is_up COMMAND: its first process has become COMMAND.
machine_is_up() {
	local child
	read -r child <"/proc/$MACHINE/task/$MACHINE/children"
	[[ $(readlink "/proc/$child/exe") == *"$1" ]]
}

booted() {
	[[ $(within systemctl is-system-running) == @(running|degraded) ]]
}

machine_end() {
	[[ -n ${MACHINE:-} ]] || return 0
	if [[ -z ${BATS_TEST_COMPLETED:-} ]]; then
		echo '--- the journal, last lines ---'
		within journalctl --no-pager -n 60 || true
	fi
	kill -9 "$INIT" 2>/dev/null || true
	wait "$MACHINE" 2>/dev/null || true
	find "$CGROUP" -depth -type d -exec rmdir {} + || true
	rm -rf "$RESULT"/root*
}

# within COMMAND...: in the machine, as root, with nothing to type.
within() {
	nsenter --target "$INIT" --mount --uts --ipc --net --pid --cgroup --root --wd \
		env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin HOME=/root LC_ALL=C DEBIAN_FRONTEND=noninteractive "$@" 3>&-
}

# package VERB FILE-OR-NAME: dpkg, which asks nobody.
package() {
	within dpkg "$@" </dev/null
}

# configure_machine [LINE...]: its /etc/arpkeeper.conf; LINEs go into [agent].
configure_machine() {
	{
		printf '[agent]\n\tnode = machine\n'
		(($# == 0)) || printf '\t%s\n' "$@"
		printf '[segment "lan"]\n\tinterface = lan0\n\tprefix = %s\n' "$LAN"
	} | within tee /etc/arpkeeper.conf >/dev/null
}

active() {
	[[ $(within systemctl is-active "${1:-arpkeeper}") == active ]]
}

inactive() {
	[[ $(within systemctl is-active "${1:-arpkeeper}") == inactive ]]
}

status_of() {
	within arpkeeper status --json | jq -r "$1"
}

# nothing_left: no program and no pin; and no process, of which one may end a moment after the agent.
nothing_left() {
	[[ -z $(xdp_mode) ]]
	[[ -z $(within find /sys/fs/bpf/arpkeeper /sys/fs/bpf/xdp ! -type d 2>/dev/null) ]]
	await 10 none_runs
}

none_runs() {
	# shellcheck disable=SC2016 # awk's
	refuses awk '$2 ~ /^\(arpkeeper/ && $3 != "Z" { print; found = 1 } END { exit !found }' \
		< <(within sh -c 'cat /proc/[0-9]*/stat' 2>/dev/null)
}
