# SPDX-License-Identifier: MIT
# Included by the Makefile, whose variables it uses.

# The BPF tests load the program from its skeleton.
$(patsubst %.c,$(BUILD)/%.o,$(wildcard tests/bpf/test_*.c)): | $(BUILD)/arpkeeper.skel.h

# Benchmarks: each runner prints lines of JSON, which report puts together.
BENCH_XDP_OBJECTS := $(patsubst tests/bench/%.c,$(BUILD)/tests/bench/%.o,$(filter-out %.bpf.c,$(wildcard tests/bench/*.c)))

$(BUILD)/bench.skel.h: $(BUILD)/tests/bench/bench.bpf.o
	$(BPFTOOL) gen skeleton $< name bench_bpf > $@.new && mv $@.new $@

$(BENCH_XDP_OBJECTS): | $(BUILD)/arpkeeper.skel.h $(BUILD)/bench.skel.h

$(BUILD)/bench/bench_xdp: $(BENCH_XDP_OBJECTS)
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LDLIBS)

# tests/bench/agent.sh, where it is there: figures of the agent, lines of JSON as well.
bench: $(BUILD)/bench/bench_xdp $(BUILD)/arpkeeper
	$(BUILD)/bench/bench_xdp > $(BUILD)/bench/xdp.jsonl
	if [ -x tests/bench/agent.sh ]; then tests/bench/agent.sh $(BUILD) > $(BUILD)/bench/agent.jsonl; fi
	tests/bench/report $(BUILD)/bench.json $(BUILD)/bench/*.jsonl
.PHONY: bench
