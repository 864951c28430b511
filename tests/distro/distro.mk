# SPDX-License-Identifier: MIT
#
# Included by the Makefile: other releases of Debian, and arm64, in root file systems that debootstrap makes.
#
#   make test-distro [DISTRO=trixie]
#   make test-arch
#
# DISTRO_CACHE: where they stay, with downloaded packages; a gigabyte or two each.

DISTRO_CACHE ?= $(BUILD)/distro

test-distro test-arch: export DISTRO_CACHE := $(abspath $(DISTRO_CACHE))

test-distro:
	@scripts/setup --distro
	@set -e; for suite in $(or $(DISTRO),trixie); do tests/distro/run $$suite; done

test-arch:
	@scripts/setup --distro
	@tests/distro/cross

.PHONY: test-distro test-arch
