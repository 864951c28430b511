# SPDX-License-Identifier: MIT
# Included by the Makefile, whose variables it uses.
#
#   make bench                     all parts: a quarter of an hour
#   make bench BENCH='xdp wire'    some of them: tests/bench/run lists them

BENCH ?=
BENCH_PROGRAMS := bench_xdp bench_asker bench_writer bench_history bench_stream bench_gather
BENCH_OBJECTS = $(patsubst %,$(BUILD)/tests/bench/%.o,$(1))

$(BUILD)/bench.skel.h: $(BUILD)/tests/bench/bench.bpf.o
	$(call say,SKEL,$@)
	$(Q)$(BPFTOOL) gen skeleton $< name bench_bpf > $@.new && mv $@.new $@

$(call BENCH_OBJECTS,bench_xdp path nd rules wire burst asker): | $(BUILD)/arpkeeper.skel.h $(BUILD)/bench.skel.h

$(BUILD)/bench/bench_xdp: $(call BENCH_OBJECTS,bench_xdp path nd rules wire burst) $(call archives,offload)
$(BUILD)/bench/bench_asker: $(call BENCH_OBJECTS,asker burst)
$(BUILD)/bench/bench_writer: $(call BENCH_OBJECTS,writer)
$(BUILD)/bench/bench_stream: $(call BENCH_OBJECTS,stream)
$(BUILD)/bench/bench_history: $(call BENCH_OBJECTS,history) $(call archives,history)
$(BUILD)/bench/bench_gather: $(call BENCH_OBJECTS,gather) $(call archives,history)

$(BUILD)/bench/%: | $(LIBGIT2)
	@mkdir -p $(@D)
	$(call say,LINK,$@)
	$(Q)$(CC) $(CFLAGS) $(LDFLAGS) -o $@ $(filter %.o,$^) \
		-Wl,--start-group $(filter %.a,$^) -Wl,--end-group $(LDLIBS)

bench: setup
	@+$(MAKE) --no-print-directory $(addprefix $(BUILD)/bench/,$(BENCH_PROGRAMS)) $(BUILD)/arpkeeper
	@BUILD=$(BUILD) tests/bench/run $(BENCH)
.PHONY: bench
