#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A kernel that is too old: it is refused with the sentence that names what is missing.

load lib

setup() {
	sandbox
	pair
}

teardown() {
	sandbox_clear
}

@test "Linux 5.10 is refused for the coarse clock that it lacks, and nothing is attached" {
	run timeout 300 "$ARPKEEPER" run -c "$CONFIG" --netns "$ID-keeper"
	[ "$status" -eq 1 ]
	says "this kernel has no coarse clock for BPF (bpf_ktime_get_coarse_ns, since Linux 5.11)"
	[ -z "$(xdp_mode)" ]
	[ ! -e "$PINS" ]
}
