# SPDX-License-Identifier: MIT
#
# What people call: included by the Makefile, whose variables it uses. The set-up must have run
# before the Makefile asks pkg-config anything, so run and test build in a second make.

setup:
	@scripts/setup

run: setup
	@+$(MAKE) --no-print-directory all
ifdef IFACE
	@BUILD=$(BUILD) scripts/attach '$(IFACE)' $(ARGS)
else
	@BUILD=$(BUILD) scripts/lab $(ARGS)
endif

test: setup
	@+$(MAKE) --no-print-directory all unit-tests bpf-tests
	@BUILD=$(BUILD) scripts/run-tests $(TESTS)

# The same tests, with ASan and UBSan in the agent, the command line and the tests themselves.
test-sanitize: setup
	@+$(MAKE) --no-print-directory SANITIZE=1 BUILD=$(BUILD)/sanitize all unit-tests bpf-tests
	@BUILD=$(BUILD)/sanitize TIME_FACTOR=2 scripts/run-tests $(TESTS)

C_FILES = $(shell git ls-files '*.c' '*.h')
USER_C_FILES = $(filter user/%.c,$(C_FILES))
SHELL_FILES = $(shell git ls-files .ci/run 'tests/system/*.bats' 'tests/system/*.bash' | cat; \
	git grep -lE '^\#!.*\b(ba)?sh$$' -- scripts tests)

# Each bats test is a subshell of its own, by design: what it sets does not outlive it.
BATS_IS_SUBSHELLS := SC2030,SC2031

lint: setup
	@+$(MAKE) --no-print-directory all
	clang-format --dry-run -Werror $(C_FILES)
	printf '%s\n' $(USER_C_FILES) | xargs -P 2 -n 8 clang-tidy --quiet --extra-arg=-Qunused-arguments \
		-- $(CPPFLAGS) $(filter-out -fanalyzer,$(CFLAGS))
	cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 --enable=warning,performance,portability \
		--suppress=missingIncludeSystem --template=gcc -Iinclude -Iuser $(USER_C_FILES)
	shellcheck -x -e $(BATS_IS_SUBSHELLS) $(sort $(SHELL_FILES))

format:
	clang-format -i $(C_FILES)

man: $(BUILD)/arpkeeper.8

$(BUILD)/arpkeeper.8: docs/man/arpkeeper.8.scd
	@mkdir -p $(@D)
	scdoc < $< > $@.new && mv $@.new $@

install: all man
	install -D -m 755 $(BUILD)/arpkeeper $(DESTDIR)$(PREFIX)/sbin/arpkeeper
	install -D -m 644 $(BUILD)/arpkeeper.8 $(DESTDIR)$(PREFIX)/share/man/man8/arpkeeper.8
	install -D -m 644 docs/arpkeeper.conf.example \
		$(DESTDIR)$(PREFIX)/share/doc/arpkeeper/arpkeeper.conf.example
	@mkdir -p $(DESTDIR)$(PREFIX)/lib/systemd/system
	sed 's|@PREFIX@|$(PREFIX)|g' docs/arpkeeper.service \
		> $(DESTDIR)$(PREFIX)/lib/systemd/system/arpkeeper.service
	chmod 644 $(DESTDIR)$(PREFIX)/lib/systemd/system/arpkeeper.service

uninstall:
	rm -f $(DESTDIR)$(PREFIX)/sbin/arpkeeper $(DESTDIR)$(PREFIX)/share/man/man8/arpkeeper.8 \
		$(DESTDIR)$(PREFIX)/lib/systemd/system/arpkeeper.service
	rm -rf $(DESTDIR)$(PREFIX)/share/doc/arpkeeper

clean:
	rm -rf $(BUILD)

.PHONY: setup run test test-sanitize lint format man install uninstall clean
