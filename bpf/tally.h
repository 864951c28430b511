/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The tally: what this CPU has counted, and the second that it knows. Looked up once a frame.
 * Per CPU, so no atomics.
 */
#ifndef BPF_TALLY_H
#define BPF_TALLY_H

#include "maps.h"

static __always_inline struct counters *tally_here(void)
{
	__u32 key = 0;

	return bpf_map_lookup_elem(&counters, &key);
}

static __always_inline void count(struct counters *tally, enum counter counter)
{
	tally->count[counter]++;
}

/*
 * The coarse second. Its clock moves with the kernel's tick: within one tick it is what this CPU
 * worked out before. Asking the clock and dividing for each frame costs a tenth of an answer, and
 * half of one more when a million addresses are asked for at random: what is long is overlapped
 * less by the processor.
 */
static __always_inline __u32 second_now(struct counters *tally)
{
	__u64 tick = bpf_jiffies64();

	if (tally->tick != tick) {
		tally->second = coarse_seconds(bpf_ktime_get_coarse_ns());
		tally->tick = tick;
	}
	return tally->second;
}

#endif
