#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What a kernel may refuse: memory, to a process without CAP_SYS_RESOURCE.

load lib

setup() {
	sandbox
	pair
}

teardown() {
	sandbox_clear
}

# limited: an agent that may lock 64 kB of memory, and not more by CAP_SYS_RESOURCE.
limited() {
	printf '#!/bin/sh\nexec prlimit --memlock=65536 setpriv --bounding-set -sys_resource %q "$@"\n' "$ARPKEEPER" >"$SHORT/limited"
	chmod +x "$SHORT/limited"
	ARPKEEPER=$SHORT/limited
}

@test "a table of 4 MB needs no locked memory, and no CAP_SYS_RESOURCE" {
	configure 'prefix = 10.8.0.0/14'
	limited
	agent_start
	[ "$(awk '/Max locked memory/ { print $4 }' "/proc/$AGENT/limits")" = 65536 ]
	ak set 10.0.0.50 "$ELSEWHERE"
	answered h1 10.0.0.50 "$ELSEWHERE"
}
