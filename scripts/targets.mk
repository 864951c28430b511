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
else ifdef FLEET
	@BUILD=$(BUILD) scripts/lab-fleet '$(FLEET)'
else
	@BUILD=$(BUILD) scripts/lab $(ARGS)
endif

# TESTS: kinds and files, as scripts/run-tests has them; by default all of them.
KINDS := $(or $(TESTS),unit bpf fuzz system attack)
build-tests: setup
	@+$(MAKE) --no-print-directory all system-tests $(if $(filter unit,$(KINDS)),unit-tests) \
		$(patsubst %,$(BUILD)/%,$(filter unit/%,$(KINDS))) \
		$(if $(filter bpf,$(KINDS)),bpf-tests) $(if $(filter fuzz,$(KINDS)),fuzz-build)

test: build-tests
	@BUILD=$(BUILD) scripts/run-tests $(TESTS)

# The same tests, with ASan and UBSan in the agent, the command line and the tests themselves. But not those of
# the XDP program, which is the same in both builds: bpf, and fuzz, whose harness has sanitizers already.
# scripts/run-tests leaves out a few more, and says why. What tests look and send with is the plain build's (LOOKER). Deadlines are
# twice as long, so more files run side by side.
build-sanitize: setup
	@+$(MAKE) --no-print-directory all system-tests
	@+$(MAKE) --no-print-directory SANITIZE=1 BUILD=$(BUILD)/sanitize all unit-tests system-tests

test-sanitize: build-sanitize
	@BUILD=$(BUILD)/sanitize SANITIZED=1 LOOKER=$(abspath $(BUILD))/arpkeeper TIME_FACTOR=2 TEST_JOBS=$(or $(TEST_JOBS),8) \
		scripts/run-tests $(or $(filter-out bpf fuzz,$(TESTS)),unit system attack)

C_FILES := $(shell git ls-files '*.c' '*.h' 2>/dev/null)
USER_C_FILES := $(filter user/%.c,$(C_FILES))
TEST_C_FILES := $(filter tests/unit/%.c tests/bpf/%.c tests/fuzz/%.c,$(C_FILES))
SHELL_FILES := $(sort $(shell git ls-files 'tests/*/*.bats' 'tests/*/*.bash' 2>/dev/null; \
	git grep -lE '^\#!.*\b(ba)?sh$$' -- scripts tests docs debian .ci 2>/dev/null))

# Each bats test is a subshell of its own, by design: what it sets does not outlive it.
BATS_IS_SUBSHELLS := SC2030,SC2031
# varFuncNullUB: NULL is a pointer in C here, not 0. missingIncludeSystem: see scripts/cppcheck.h.
CPPCHECK := cppcheck --quiet --error-exitcode=1 --inline-suppr --std=c11 --template=gcc \
	--enable=warning,performance,portability --suppress=missingIncludeSystem \
	--suppress=varFuncNullUB --include=scripts/cppcheck.h -Iinclude -Iuser

lint: setup
	@+$(MAKE) --no-print-directory all
	clang-format --dry-run -Werror $(C_FILES)
	@+$(MAKE) --no-print-directory -k tidy
	$(CPPCHECK) -j $(shell nproc) $(USER_C_FILES)
	shellcheck -x -e $(BATS_IS_SUBSHELLS) $(SHELL_FILES)
	scripts/check-conformance
	tests/fuzz/mutants --texts
	BUILD=$(BUILD) scripts/check-arrows
	BUILD=$(BUILD) scripts/check-linked

# clang-tidy, a file at a time, and only those that changed since it was content. The skeleton
# is bpftool's: a system header, as far as we are concerned. The analyzer follows fewer paths of a large
# function than by default, because its time is most of the lint's. TIDY_NODES=225000 follows all.
TIDY_NODES ?= 15000
TIDY := $(patsubst %.c,$(BUILD)/tidy/%.ok,$(USER_C_FILES) $(TEST_C_FILES))
tidy: $(TIDY)

# Tests have long functions, which run with sanitizers.
$(BUILD)/tidy/tests/%: TIDY_NODES = 4000
$(BUILD)/tidy/%.ok: %.c .clang-tidy $(filter %.h,$(C_FILES))
	@mkdir -p $(@D)
	clang-tidy --quiet $< -- $(CPPFLAGS:-I$(BUILD)=-isystem $(BUILD)) $(CFLAGS) \
		-Xclang -analyzer-config -Xclang max-nodes=$(TIDY_NODES)
	@touch $@

format:
	clang-format -i $(C_FILES)

clean:
	rm -rf $(BUILD)

.PHONY: setup run build-tests test build-sanitize test-sanitize lint tidy format clean
