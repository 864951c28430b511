/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Limits the events to what the agent can take. One bucket serves all stations. One station, by the
 * frame's Ethernet source, may use a quarter of it. Otherwise a single station that scans or floods
 * would use up the events of the others. A sender that invents a source for each frame evades the
 * quarter, but not the bucket.
 *
 * Each bucket is one word, the nanosecond at which it is full again, instead of a level and a time
 * stamp.
 */
#ifndef BPF_BUCKET_H
#define BPF_BUCKET_H

#include "maps.h"

#define EVENTS_PER_SECOND 5000
#define EVENTS_BURST      5000
#define EVENT_INTERVAL_NS (NSEC_PER_SEC_U / EVENTS_PER_SECOND)
#define EVENT_BURST_NS    (EVENTS_BURST * EVENT_INTERVAL_NS)

/* A station's share of both, rate and burst. */
#define EVENT_SHARES 4

/* How often another CPU may win the race. After that the event counts as one too many. */
#define BUCKET_TRIES 4

/*
 * Takes one event from a bucket that was full at `full`. Returns the time when it is full again, or
 * 0 when it is empty.
 */
static __always_inline __u64 bucket_after(__u64 full, __u64 now, __u64 interval)
{
	__u64 after = (full > now ? full : now) + interval;

	return after - now > EVENT_BURST_NS ? 0 : after;
}

static __always_inline _Bool bucket_take_common(__u64 now)
{
	__u32 key = 0;
	__u64 *full = bpf_map_lookup_elem(&bucket, &key);

	if (!full)
		return 0;
	for (int i = 0; i < BUCKET_TRIES; i++) {
		__u64 before = *(volatile __u64 *)full;
		__u64 after = bucket_after(before, now, EVENT_INTERVAL_NS);

		if (!after)
			return 0;
		if (__sync_val_compare_and_swap(full, before, after) == before)
			return 1;
	}
	return 0;
}

/*
 * Whether the program may report one more event of the station `source`. A plain store updates the
 * station's share. CPUs that collide allow it one more event each, which an atomic would not be
 * worth.
 *
 * A global function: the verifier checks it once, instead of in each state of each caller. That
 * halves the time that a load takes.
 */
__noinline int bucket_take(__u64 source, __u64 now)
{
	__u64 *full = bpf_map_lookup_elem(&shares, &source);
	__u64 after = bucket_after(full ? *(volatile __u64 *)full : 0, now,
	                           EVENT_SHARES * EVENT_INTERVAL_NS);

	if (!after || !bucket_take_common(now))
		return 0;
	if (full)
		*(volatile __u64 *)full = after;
	else
		bpf_map_update_elem(&shares, &source, &after, BPF_ANY);
	return 1;
}

#endif
