# SPDX-License-Identifier: MIT
# Included by the Makefile, whose variables it uses: the page in a browser, of an `arpkeeper web` with an agent in a namespace.

test-web:
	@scripts/setup --web
	@+$(MAKE) --no-print-directory all system-tests
	@BUILD=$(BUILD) RESULTS=$(BUILD)/test-results/web TEST_LIMIT=900 scripts/run-tests tests/web/page.bats

# README's pictures, docs/page-*.png, made again.
pictures:
	@scripts/setup --web
	@+$(MAKE) --no-print-directory all system-tests
	@BUILD=$(BUILD) RESULTS=$(BUILD)/test-results/web TEST_LIMIT=300 scripts/run-tests tests/web/pictures.bats

.PHONY: test-web pictures
