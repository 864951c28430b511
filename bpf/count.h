/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Counting. Per CPU, so no atomics; the reader adds them up.
 */
#ifndef BPF_COUNT_H
#define BPF_COUNT_H

#include "maps.h"

static __always_inline void count(enum counter counter)
{
	__u32 key = counter;
	__u64 *value = bpf_map_lookup_elem(&counters, &key);

	if (value)
		(*value)++;
}

#endif
