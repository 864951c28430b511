/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Telling the agent: events into the ring buffer, never more than the agent can take. An event
 * that is held back or lost is counted, and its throttle is left open, so that the next frame
 * tries again.
 *
 * The callers are out of line, and parse the frame anew: one that brings no news has the few
 * registers for itself.
 */
#ifndef BPF_TELL_H
#define BPF_TELL_H

#include "arpkeeper/event.h"
#include "parse.h"
#include "tally.h"

#define EVENTS_PER_SECOND 5000
#define EVENTS_BURST      5000
#define EVENT_INTERVAL_NS (NSEC_PER_SEC_U / EVENTS_PER_SECOND)
#define EVENT_BURST_NS    (EVENTS_BURST * EVENT_INTERVAL_NS)

/* What another CPU may take from under us; after that the event counts as one too many. */
#define BUCKET_TRIES 4

static __always_inline _Bool bucket_take(__u64 now)
{
	__u32 key = 0;
	__u64 *full = bpf_map_lookup_elem(&bucket, &key);

	if (!full)
		return 0;
	for (int i = 0; i < BUCKET_TRIES; i++) {
		__u64 before = *(volatile __u64 *)full;
		__u64 after = (before > now ? before : now) + EVENT_INTERVAL_NS;

		if (after - now > EVENT_BURST_NS)
			return 0;
		if (__sync_val_compare_and_swap(full, before, after) == before)
			return 1;
	}
	return 0;
}

/* Whether the agent will hear of it. `now`: coarse nanoseconds. */
static __always_inline _Bool tell(const struct frame *frame, struct counters *tally,
                                  enum event_kind kind, __u32 slot, __u64 now)
{
	struct event *event;

	if (!bucket_take(now)) {
		count(tally, COUNTER_EVENTS_LIMITED);
		return 0;
	}
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		count(tally, COUNTER_EVENTS_LOST);
		return 0;
	}
	event->kind = kind;
	event->ifindex = frame->ctx->ingress_ifindex;
	event->vlan = frame->vlan;
	event->slot = slot;
	event->address = kind == EVENT_MISS ? frame_tpa(frame) : frame_spa(frame);
	event->peer = kind == EVENT_MISS ? frame_spa(frame) : frame_tpa(frame);
	mac_store(event->mac, frame_sha(frame));
	mac_store(event->source, frame_source(frame));
	event->opcode = bpf_ntohs(frame_opcode(frame));
	event->flags = 0;
	event->time = now;
	bpf_ringbuf_submit(event, 0);
	count(tally, COUNTER_EVENTS_SENT);
	return 1;
}

/* About the sender: the same thing once a second. */
static __always_inline void tell_of_sender(const struct frame *frame, struct counters *tally,
                                           enum event_kind kind, __u32 slot, _Bool throttled)
{
	struct throttle_key key = {.mac = frame_sha(frame), .slot = slot, .kind = kind};
	__u64 now = bpf_ktime_get_coarse_ns();
	__u32 second = coarse_seconds(now), *told;

	if (throttled) {
		told = bpf_map_lookup_elem(&throttle, &key);
		if (told && *told == second) {
			count(tally, COUNTER_EVENTS_THROTTLED);
			return;
		}
	}
	if (tell(frame, tally, kind, slot, now))
		bpf_map_update_elem(&throttle, &key, &second, BPF_ANY);
}

/* Nobody is known for the target: once a second for each address, by the slot itself. */
static __noinline void tell_of_miss(struct xdp_md *ctx, struct counters *tally,
                                    struct neigh_slot *slot, __u32 index)
{
	__u64 now = bpf_ktime_get_coarse_ns();
	__u32 second = coarse_seconds(now);
	struct frame frame;

	if (frame_parse(ctx, &frame) != PARSED_ARP)
		return;
	if (*(volatile __u32 *)&slot->used == second)
		count(tally, COUNTER_EVENTS_THROTTLED);
	else if (tell(&frame, tally, EVENT_MISS, index, now))
		second_store(&slot->used, second);
}

#endif
