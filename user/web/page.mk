# SPDX-License-Identifier: MIT
#
# The page, bundled and embedded: included by the Makefile, whose variables it uses. A sanitized build embeds the same one.
# `make page` makes it again: after a build without npm or the network.

WEB := $(patsubst %/sanitize,%,$(BUILD))/web
PAGE_FILES := $(wildcard user/web/page/*.mjs user/web/page/*.css user/web/page/*.html user/web/page/*.svg user/web/page/*.json \
	user/web/page/*.md user/web/page/without/*)

$(WEB)/assets.c: $(PAGE_FILES) scripts/page
	$(call say,PAGE,$@)
	$(Q)scripts/page $(@D)

$(BUILD)/web/assets.o: $(WEB)/assets.c user/web/assets.h
	@mkdir -p $(@D)
	$(call say,CC,$<)
	$(Q)$(CC) $(CPPFLAGS) $(CFLAGS) -c -o $@ $<

page:
	@PAGE=required scripts/page $(WEB)

.PHONY: page

-include tests/web/web.mk
