#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is in the package and in the release archive.
# shellcheck shell=bash

load ../system/lib

setup() {
	BUILD=$(dirname "$ARPKEEPER")
	VERSION=$("$ARPKEEPER" --version | sed 's/.* //')
	DEB=$(echo "$BUILD"/deb/arpkeeper_*.deb)
	ARCHIVE=$BUILD/arpkeeper-$VERSION.tar.gz
	SHORT=$(mktemp -d -t arpkeeper.XXXXXX)
}

teardown() {
	rm -rf "$SHORT"
}

install_made() {
	make -s -C "$ROOT" install BUILD="$(realpath --relative-to="$ROOT" "$BUILD")" PREFIX=/usr DESTDIR="$SHORT/made"
}

# tree FOLDER: type, mode and path of all that is in it. /lib is /usr/lib.
tree() {
	find "$1" -mindepth 1 -printf '%y %m %P\n' | sed 's| lib$| usr/lib|; s| lib/| usr/lib/|' | sort -u
}

@test "the package has the files of make install, and Debian's documents" {
	install_made
	dpkg-deb -x "$DEB" "$SHORT/package"
	gunzip "$SHORT/package/usr/share/man/man8/arpkeeper.8.gz"
	tree "$SHORT/package" >"$SHORT/tree"
	diff <(tree "$SHORT/made") "$SHORT/tree" >"$SHORT/differences" || true
	diff "$SHORT/differences" - <<-'END'
	END
	refuses grep -v root/root < <(dpkg-deb -c "$DEB")
	# The binary was compiled with Debian's options.
	rm "$SHORT/made/usr/sbin/arpkeeper"
	cp -a "$SHORT/package/lib" "$SHORT/package/usr" 2>/dev/null || true
	(cd "$SHORT/made" && find . -type f -print0) | while read -r -d '' file; do
		cmp "$SHORT/made/$file" "$SHORT/package/$file"
	done
}

@test "what an administrator edits is a conffile: /etc/arpkeeper.conf, and nothing else" {
	[[ $(dpkg-deb -I "$DEB" conffiles) == /etc/arpkeeper.conf ]]
}

@test "lintian finds no error and gives no warning" {
	run lintian --allow-root --fail-on error,warning --tag-display-limit 0 "$DEB"
	echo "$output"
	((status == 0))
}

@test "binary, package, manual page and changelogs have one version and one date" {
	local date
	[[ $(dpkg-deb -f "$DEB" Version) == "$VERSION"-* ]]
	dpkg-deb -x "$DEB" "$SHORT"
	[[ $("$SHORT/usr/sbin/arpkeeper" --version) == "arpkeeper $VERSION" ]]
	date=$(dpkg-parsechangelog -l "$ROOT/debian/changelog" -S Date)
	grep -qx "## \[$VERSION\] - $(date -u -d "$date" +%F)" "$ROOT/CHANGELOG.md"
	zcat "$SHORT/usr/share/man/man8/arpkeeper.8.gz" | grep "^\.TH \"arpkeeper\" \"8\" \"$(date -u -d "$date" +%F)\" \"arpkeeper $VERSION\""
}

@test "the package says of which versions of which libraries the binary is made" {
	local contained
	contained=$(dpkg-deb -f "$DEB" Static-Built-Using)
	for library in libgit2 libbpf xdp-tools openssl; do
		[[ $contained == *"$library (= "* ]]
	done
}

@test "the release archive has the tracked files, and no more; made again elsewhere, it is the same" {
	diff <(git -C "$ROOT" ls-files | sed "s|^|arpkeeper-$VERSION/|" | sort) <(tar -tzf "$ARCHIVE" | sort)
	(
		umask 0077
		cd "$ROOT"
		TZ=Pacific/Auckland SOURCE_DATE_EPOCH=$(date -u -d "$(dpkg-parsechangelog -S Date)" +%s) \
			scripts/dist "$VERSION" "$SHORT/again.tar.gz"
	)
	cmp "$ARCHIVE" "$SHORT/again.tar.gz"
}
