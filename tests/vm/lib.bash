# SPDX-License-Identifier: MIT
#
# What the tests of a guest share, beside tests/system/lib.bash: they need what other kernels have, such as the guest's
# two virtio interfaces, or modules. They run as root in the guest, in its first network namespace.
# shellcheck shell=bash disable=SC2034,SC2154 # the tests use the variables; ID and others are the sandbox's

load ../system/lib

# nic_name N: the guest's interface number N (as in tests/vm/boot), if it is in the guest's first namespace.
nic_name() {
	local device
	for device in /sys/class/net/*/device/driver; do
		[[ $(basename "$(realpath "$device")") == virtio_net ]] || continue
		device=${device%/device/driver}
		echo "$(realpath "$device/device") ${device##*/}"
	done | sort -V | awk -v n="$1" 'NR == n + 1 { print $2 }'
}

# The order tells which is which: when both are here.
nics_are_here() {
	[[ -n $(nic_name 1) ]]
}

# take_nic NAME SPACE NEW-NAME MAC: moves the interface there, without the program that a killed agent left on it.
take_nic() {
	ip link set "$1" down
	ip link set "$1" xdpdrv off
	ip link set "$1" xdpgeneric off
	ip link set "$1" netns "$ID-$2" name "$3" address "$4" mtu "${MTU:-1500}"
}

# nics: as pair(), but lan0 and h1's eth0 are virtio interfaces, which a bridge outside of the guest connects. They return by
# themselves, some time after their namespaces were removed. Only virtio.bats takes them.
nics() {
	local first second
	space keeper
	space h1
	await 10 nics_are_here
	first=$(nic_name 0) second=$(nic_name 1)
	take_nic "$first" keeper lan0 "$KEEPER_MAC"
	take_nic "$second" h1 eth0 "$(host_mac 1)"
	dress_keeper
	dress_host 1
}
