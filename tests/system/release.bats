#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# A release: its version, its date, and its archive. tests/package has the Debian package.
# shellcheck shell=bash

load lib

setup() {
	sandbox
	VERSION=$("$ARPKEEPER" --version | sed 's/^arpkeeper //')
	DATE=$(sed -n "s/^## \\[$VERSION\\] - //p" "$ROOT/CHANGELOG.md")
}

teardown() {
	sandbox_clear
}

# archive FILE: made as `make dist` does.
archive() {
	(cd "$ROOT" && SOURCE_DATE_EPOCH=$(date -u -d "$DATE" +%s) scripts/dist "$VERSION" "$SHORT/page" "$1")
}

@test "both changelogs have the version of the binary, and one date" {
	[[ $(head -n 1 "$ROOT/debian/changelog") == "arpkeeper ($VERSION-"* ]]
	[[ $(date -u -d "$(sed -n 's/^ -- .*>  //p' "$ROOT/debian/changelog" | head -n 1)" +%F) == "$DATE" ]]
}

@test "the release archive has the tracked files and the page, the same bytes each time, and its version without git" {
	mkdir "$SHORT/page"
	echo 'a page' | tee "$SHORT/page/page.js" >"$SHORT/page/index.html"
	archive "$SHORT/archive.tar.gz"
	(umask 0077 && TZ=Pacific/Auckland archive "$SHORT/again.tar.gz")
	cmp "$SHORT/archive.tar.gz" "$SHORT/again.tar.gz"
	diff <({ git -C "$ROOT" ls-files && printf 'user/web/page/bundled/%s\n' index.html page.js; } | sed "s|^|arpkeeper-$VERSION/|" | sort) <(tar -tzf "$SHORT/archive.tar.gz" | sort)

	tar -xzf "$SHORT/archive.tar.gz" -C "$SHORT"
	"$SHORT/arpkeeper-$VERSION/scripts/page" "$SHORT/bundled" # without npm
	diff -r "$SHORT/page" "$SHORT/bundled/files"
	GIT_DIR=/nowhere make -s -C "$SHORT/arpkeeper-$VERSION" BUILD=build man
	grep "^\.TH \"arpkeeper\" \"8\" \"$DATE\" \"arpkeeper $VERSION\"" "$SHORT/arpkeeper-$VERSION/build/arpkeeper.8"
}
