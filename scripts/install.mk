# SPDX-License-Identifier: MIT
#
# What an installation consists of: included by the Makefile, whose variables it uses.

man: $(BUILD)/arpkeeper.8

$(BUILD)/arpkeeper.8: docs/man/arpkeeper.8.scd
	@mkdir -p $(@D)
	scdoc < $< > $@.new && mv $@.new $@

# What an installation consists of: mode, what, where below PREFIX.
INSTALLED := \
	755:$(BUILD)/arpkeeper:sbin/arpkeeper \
	644:$(BUILD)/arpkeeper.8:share/man/man8/arpkeeper.8 \
	644:docs/arpkeeper.conf.example:share/doc/arpkeeper/arpkeeper.conf.example \
	644:docs/completion/arpkeeper.bash:share/bash-completion/completions/arpkeeper \
	644:docs/completion/_arpkeeper:share/zsh/site-functions/_arpkeeper \
	644:docs/completion/arpkeeper.fish:share/fish/vendor_completions.d/arpkeeper.fish \
	755:docs/alert-command/mail:share/doc/arpkeeper/alert-command/mail \
	755:docs/alert-command/pager:share/doc/arpkeeper/alert-command/pager \
	755:docs/alert-command/webhook:share/doc/arpkeeper/alert-command/webhook \
	644:docs/alerts.rules.yml:share/doc/arpkeeper/alerts.rules.yml \
	644:docs/grafana-dashboard.json:share/doc/arpkeeper/grafana-dashboard.json \
	644:$(BUILD)/arpkeeper.service:lib/systemd/system/arpkeeper.service \
	644:$(BUILD)/arpkeeper-offload.service:lib/systemd/system/arpkeeper-offload.service \
	644:docs/arpkeeper.sysusers:lib/sysusers.d/arpkeeper.conf \
	644:docs/arpkeeper.tmpfiles:lib/tmpfiles.d/arpkeeper.conf

$(BUILD)/%.service: docs/%.service FORCE
	@mkdir -p $(@D)
	@sed 's|@PREFIX@|$(PREFIX)|g' $< > $@

FORCE:

define install_one
install -D -m $(word 1,$(1)) $(word 2,$(1)) $(DESTDIR)$(PREFIX)/$(word 3,$(1))

endef

install: all man $(BUILD)/arpkeeper.service $(BUILD)/arpkeeper-offload.service
	$(foreach file,$(INSTALLED),$(call install_one,$(subst :, ,$(file))))
	@[ -n "$(DESTDIR)" ] || echo "then: systemd-sysusers && systemd-tmpfiles --create && systemctl daemon-reload"

uninstall:
	rm -f $(foreach file,$(INSTALLED),$(DESTDIR)$(PREFIX)/$(lastword $(subst :, ,$(file))))
	rm -rf $(DESTDIR)$(PREFIX)/share/doc/arpkeeper

.PHONY: man install uninstall FORCE
