#!/usr/bin/env bats
# SPDX-License-Identifier: MIT
# What is in the package.
# shellcheck shell=bash

load ../system/lib

setup() {
	BUILD=$(dirname "$ARPKEEPER")
	VERSION=$("$ARPKEEPER" --version | sed 's/.* //')
	DEB=$(echo "$BUILD"/deb/arpkeeper_*.deb)
	SHORT=$(mktemp -d -t arpkeeper.XXXXXX)
}

teardown() {
	rm -rf "$SHORT"
}

install_made() {
	make -s -C "$ROOT" install BUILD="$(realpath --relative-to="$ROOT" "$BUILD")" PREFIX=/usr DESTDIR="$SHORT/made"
}

# tree FOLDER: type, mode and path of all that is in it.
tree() {
	find "$1" -mindepth 1 -printf '%y %m %P\n' | sort
}

@test "the package has the files of make install, and Debian's documents" {
	local package=$SHORT/package documents=$SHORT/package/usr/share/doc/arpkeeper
	(umask 0022 && install_made)
	dpkg-deb -x "$DEB" "$package"
	refuses grep -v ' root/root ' < <(dpkg-deb -c "$DEB")
	# Debian's, and where Debian has them.
	rm -r "$package/usr/share/lintian" "$documents/changelog.Debian.gz" "$documents/copyright"
	gunzip "$package/usr/share/man/man8/arpkeeper.8.gz" "$documents/changelog.gz"
	mv "$documents/changelog" "$documents/CHANGELOG.md"
	cp -a "$package/lib/." "$package/usr/lib"
	rm -r "${package:?}/lib"

	diff <(tree "$SHORT/made") <(tree "$package")
	# All but the binary, which was compiled with Debian's options.
	rm "$SHORT/made/usr/sbin/arpkeeper" "$package/usr/sbin/arpkeeper"
	diff -r "$SHORT/made" "$package"
}

@test "what the documents refer to in their folder is in the package" {
	local documents=$SHORT/usr/share/doc/arpkeeper document file
	dpkg-deb -x "$DEB" "$SHORT"
	for document in "$documents"/*.md; do
		# README's references are from the source's top.
		[[ $document != */README.md ]] || continue
		while read -r file; do
			[[ -e $documents/$file ]] || {
				echo "$(basename "$document") refers to $file"
				false
			}
		done < <(grep -oE '\]\([^)#:]+' "$document" | sed 's/^](//')
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

@test "the page is in the release archive, and so in a package that is built without npm" {
	local built=$BUILD/deb/arpkeeper-$VERSION/build/web
	[[ -s $built/files/page.js && ! -e $built/npm ]]
}

@test "binary and package have the version of the release" {
	[[ $(dpkg-deb -f "$DEB" Version) == "$VERSION"-* ]]
	dpkg-deb -x "$DEB" "$SHORT"
	[[ $("$SHORT/usr/sbin/arpkeeper" --version) == "arpkeeper $VERSION" ]]
}

@test "the package says of which versions of which libraries the binary is made" {
	local contained
	contained=$(dpkg-deb -f "$DEB" Static-Built-Using)
	for library in libgit2 libbpf xdp-tools openssl; do
		[[ $contained == *"$library (= "* ]]
	done
}
