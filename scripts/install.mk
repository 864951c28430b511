# SPDX-License-Identifier: MIT
#
# What an installation consists of, and the packages made of it: included by the Makefile, whose variables it uses.

# Debian's zsh looks elsewhere below /usr than zsh itself, and as zsh does below /usr/local.
ZSH_FOLDER ?= $(if $(and $(filter /usr,$(PREFIX)),$(wildcard /etc/debian_version)),vendor-completions,site-functions)
UNIT_FOLDER ?= $(PREFIX)/lib/systemd/system
DOCUMENTS := README.md CHANGELOG.md $(wildcard docs/*.md) docs/openapi.json

# The date of a manual page, and of a release archive, is that of the newest version: one source, the same bytes.
RELEASED := $(shell sed -n 's/^## \[[0-9][^]]*\] - \([0-9-]*\)$$/\1/p' CHANGELOG.md | head -n 1)
SOURCE_DATE_EPOCH ?= $(shell date -u -d '$(RELEASED)' +%s)

man: $(BUILD)/arpkeeper.8

$(BUILD)/arpkeeper.8: docs/man/arpkeeper.8.scd CHANGELOG.md
	@mkdir -p $(@D)
	sed 's|@VERSION@|$(VERSION)|' $< | SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) scdoc > $@.new && mv $@.new $@

# Mode, what, where below PREFIX.
INSTALLED := \
	755:$(BUILD)/arpkeeper:sbin/arpkeeper \
	644:$(BUILD)/arpkeeper.8:share/man/man8/arpkeeper.8 \
	644:docs/arpkeeper.conf.example:share/doc/arpkeeper/arpkeeper.conf.example \
	644:docs/completion/arpkeeper.bash:share/bash-completion/completions/arpkeeper \
	644:docs/completion/_arpkeeper:share/zsh/$(ZSH_FOLDER)/_arpkeeper \
	644:docs/completion/arpkeeper.fish:share/fish/vendor_completions.d/arpkeeper.fish \
	755:docs/alert-command/mail:share/doc/arpkeeper/alert-command/mail \
	755:docs/alert-command/pager:share/doc/arpkeeper/alert-command/pager \
	755:docs/alert-command/webhook:share/doc/arpkeeper/alert-command/webhook \
	644:docs/alerts.rules.yml:share/doc/arpkeeper/alerts.rules.yml \
	644:docs/grafana-dashboard.json:share/doc/arpkeeper/grafana-dashboard.json \
	$(foreach document,$(DOCUMENTS),644:$(document):share/doc/arpkeeper/$(notdir $(document))) \
	644:docs/arpkeeper.sysusers:lib/sysusers.d/arpkeeper.conf \
	644:docs/arpkeeper.tmpfiles:lib/tmpfiles.d/arpkeeper.conf
UNITS := arpkeeper.service arpkeeper-offload.service arpkeeper-web.service
CONFIGURATION := $(DESTDIR)/etc/arpkeeper.conf

$(BUILD)/%.service: docs/%.service FORCE
	@mkdir -p $(@D)
	@sed 's|@PREFIX@|$(PREFIX)|g' $< > $@

$(BUILD)/arpkeeper.conf: docs/arpkeeper.conf FORCE
	@mkdir -p $(@D)
	@sed 's|@PREFIX@|$(PREFIX)|g' $< > $@

FORCE:

define install_one
install -D -m $(word 1,$(1)) $(word 2,$(1)) $(DESTDIR)$(PREFIX)/$(word 3,$(1))

endef

# An existing configuration stays as it is.
install: all man $(UNITS:%=$(BUILD)/%) $(BUILD)/arpkeeper.conf
	$(foreach file,$(INSTALLED),$(call install_one,$(subst :, ,$(file))))
	install -D -m 644 -t $(DESTDIR)$(UNIT_FOLDER) $(UNITS:%=$(BUILD)/%)
	[ -e $(CONFIGURATION) ] || install -D -m 644 $(BUILD)/arpkeeper.conf $(CONFIGURATION)
	@[ -n "$(DESTDIR)" ] || echo "then: systemd-sysusers && systemd-tmpfiles --create && systemctl daemon-reload"

# An edited configuration stays.
uninstall: $(BUILD)/arpkeeper.conf
	rm -f $(foreach file,$(INSTALLED),$(DESTDIR)$(PREFIX)/$(lastword $(subst :, ,$(file)))) $(UNITS:%=$(DESTDIR)$(UNIT_FOLDER)/%)
	rm -rf $(DESTDIR)$(PREFIX)/share/doc/arpkeeper
	cmp -s $(BUILD)/arpkeeper.conf $(CONFIGURATION) && rm $(CONFIGURATION) || true

# The release archive: the tracked files, as they are, and the page as npm and esbuild made it. It needs neither git nor
# npm to build.
ARCHIVE := $(BUILD)/arpkeeper-$(VERSION).tar.gz
TRACKED := $(wildcard $(shell git ls-files 2>/dev/null))

dist: $(ARCHIVE)

$(ARCHIVE): $(TRACKED) $(WEB)/assets.c
	@mkdir -p $(@D)
	SOURCE_DATE_EPOCH=$(SOURCE_DATE_EPOCH) scripts/dist $(VERSION) $(WEB)/files $@

# The Debian package, built from the archive in a folder of its own: tests/package has how it is tested.
DEB := arpkeeper_$(shell sed -n '1s/.*(\(.*\)).*/\1/p' debian/changelog)_$(shell dpkg --print-architecture 2>/dev/null).deb

deb: $(BUILD)/deb/$(DEB)

$(BUILD)/deb/$(DEB): $(ARCHIVE)
	scripts/deb $< $(@D)

.PHONY: man install uninstall dist deb FORCE
