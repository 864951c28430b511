#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# Built twice, in different folders, without git, with another umask and time zone: the same bytes.
# shellcheck shell=bash

load ../system/lib

@test "two builds in different folders give the same packages" {
	local build first second
	build=$(dirname "$ARPKEEPER")
	for first in "$build"/deb/*.deb; do
		second=$build/deb-elsewhere/$(basename "$first")
		cmp "$first" "$second"
	done
	# The same for what debuggers read.
	(($(find "$build"/deb -name '*.deb' | wc -l) == 2))
}
