# SPDX-License-Identifier: MIT
# Included by the Makefile, whose variables it uses.
#
#   make test-package     the Debian package: what is in it, twice the same bytes, and its life in a chroot with systemd

PACKAGES_TESTED := $(BUILD)/deb/$(DEB) $(BUILD)/deb-elsewhere/$(DEB) $(BUILD)/deb-before/built $(BUILD)/package-root

# In another folder and environment, for the same bytes; and without git.
$(BUILD)/deb-elsewhere/$(DEB): $(ARCHIVE) | $(BUILD)/deb/$(DEB)
	umask 0077 && GIT_DIR=/nowhere TZ=Pacific/Auckland LC_ALL=C.UTF-8 scripts/deb $< $(@D)

# The version before, to upgrade from.
$(BUILD)/deb-before/built: $(BUILD)/deb/$(DEB)
	tests/package/older 0.1.0 $(<D) $(@D)
	@touch $@

# Kept: it changes only when the package's dependencies do.
$(BUILD)/package-root: debian/control tests/package/make-root | $(BUILD)/deb/$(DEB)
	tests/package/make-root $(BUILD)/deb/$(DEB) $@
	@touch $@

test-package:
	@scripts/setup --package
	@+$(MAKE) --no-print-directory all system-tests $(PACKAGES_TESTED)
	@BUILD=$(BUILD) TEST_LIMIT=1200 scripts/run-tests $(wildcard tests/package/*.bats)
.PHONY: test-package
