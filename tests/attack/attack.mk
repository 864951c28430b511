# SPDX-License-Identifier: MIT
# Included by the Makefile, whose variables it uses: what the attacks need built.

$(BUILD)/attack/libahead.so: tests/attack/ahead.c
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(filter-out $(SANITIZERS),$(CFLAGS)) -fPIC -shared -o $@ $< -ldl

system-tests: $(BUILD)/attack/libahead.so
