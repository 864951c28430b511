# SPDX-License-Identifier: MIT
# Included by the Makefile, whose variables it uses.

# Benchmarks: each runner prints lines of JSON, which report puts together.
BENCH_XDP_OBJECTS := $(patsubst tests/bench/%.c,$(BUILD)/tests/bench/%.o,$(filter-out %.bpf.c,$(wildcard tests/bench/*.c)))

$(BUILD)/bench.skel.h: $(BUILD)/tests/bench/bench.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name bench_bpf > $@.new && mv $@.new $@

$(BENCH_XDP_OBJECTS): | $(BUILD)/arpkeeper.skel.h $(BUILD)/bench.skel.h

$(BUILD)/bench/bench_xdp: $(BENCH_XDP_OBJECTS)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

bench: setup
	@+$(MAKE) --no-print-directory $(BUILD)/bench/bench_xdp $(BUILD)/arpkeeper
	@echo 'bench: the data path, then the agent: three minutes'
	$(BUILD)/bench/bench_xdp > $(BUILD)/bench/xdp.jsonl
	ARPKEEPER=$(BUILD)/arpkeeper tests/bench/agent.py > $(BUILD)/bench/agent.jsonl
	tests/bench/report $(BUILD)/bench.json $(BUILD)/bench/*.jsonl
.PHONY: bench
