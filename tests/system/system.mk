# SPDX-License-Identifier: MIT
# Included by the Makefile, whose variables it uses: what the system tests need built.

$(BUILD)/system/%: $(BUILD)/tests/system/%.o
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $<

system-tests: $(BUILD)/system/flood $(BUILD)/system/frames
.PHONY: system-tests
