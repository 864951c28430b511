/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The tally: this CPU's counters and its current second. The program looks it up once a frame. It
 * is per CPU, so it needs no atomics.
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
 * The coarse second. Its clock moves with the kernel's tick, so within one tick this CPU reuses the
 * second that it computed before. Reading the clock and dividing for each frame costs a tenth of an
 * answer. It costs half of one more when a million addresses are asked for at random, because the
 * processor overlaps long paths less.
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
