# SPDX-License-Identifier: MIT
#
# Included by the Makefile: other releases of Debian, and other processors, in root file systems that debootstrap makes.
#
#   make test-distro [DISTRO=trixie]     Debian 13 and testing
#   make test-arch [ARCH=s390x]          arm64, and s390x, whose byte order is the other one
#
# DISTRO_CACHE: where they stay, with downloaded packages; a gigabyte or two each.

DISTRO_CACHE ?= $(BUILD)/distro

test-distro test-arch: export DISTRO_CACHE := $(abspath $(DISTRO_CACHE))
test-arch: export ARCHIVE := $(abspath $(ARCHIVE))

test-distro:
	@scripts/setup --distro
	@failed=; for suite in $(or $(DISTRO),trixie testing); do tests/distro/run $$suite || failed=1; done; [ -z "$$failed" ]

test-arch: $(ARCHIVE)
	@scripts/setup --distro
	@failed=; for arch in $(or $(ARCH),arm64 s390x); do tests/distro/cross $$arch || failed=1; done; [ -z "$$failed" ]

.PHONY: test-distro test-arch
