/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Telling the agent: events into the ring buffer, never more than the agent can take. An event
 * that is held back or lost is counted, and its throttle is left open, so that the next frame
 * tries again.
 */
#ifndef BPF_TELL_H
#define BPF_TELL_H

#include "arpkeeper/event.h"
#include "count.h"
#include "parse.h"

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

/* Whether the agent will hear of it. */
static __always_inline _Bool tell(const struct frame *frame, enum event_kind kind, __u32 slot,
                                  __be32 address, __be32 peer)
{
	struct event *event;

	if (!bucket_take(frame->now)) {
		count(COUNTER_EVENTS_LIMITED);
		return 0;
	}
	event = bpf_ringbuf_reserve(&events, sizeof(*event), 0);
	if (!event) {
		count(COUNTER_EVENTS_LOST);
		return 0;
	}
	event->kind = kind;
	event->ifindex = frame->ifindex;
	event->vlan = frame->vlan;
	event->slot = slot;
	event->address = address;
	event->peer = peer;
	mac_store(event->mac, frame->sha);
	mac_store(event->source, frame->source);
	event->opcode = frame->opcode;
	event->reserved = 0;
	event->time = frame->now;
	bpf_ringbuf_submit(event, 0);
	count(COUNTER_EVENTS_SENT);
	return 1;
}

/* About the sender: the same thing once a second. */
static __always_inline void tell_of_sender(const struct frame *frame, enum event_kind kind,
                                           __u32 slot, _Bool throttled)
{
	struct throttle_key key = {.mac = frame->sha, .slot = slot, .kind = kind};
	__u32 second = frame->second;
	__u32 *told;

	if (throttled) {
		told = bpf_map_lookup_elem(&throttle, &key);
		if (told && *told == second) {
			count(COUNTER_EVENTS_THROTTLED);
			return;
		}
	}
	if (tell(frame, kind, slot, frame->spa, frame->tpa))
		bpf_map_update_elem(&throttle, &key, &second, BPF_ANY);
}

/* Nobody is known for the target: once a second for each address, by the slot itself. */
static __always_inline void tell_of_miss(const struct frame *frame, __u32 index,
                                         struct neigh_slot *slot)
{
	if (*(volatile __u32 *)&slot->used == frame->second) {
		count(COUNTER_EVENTS_THROTTLED);
		return;
	}
	if (tell(frame, EVENT_MISS, index, frame->tpa, frame->spa))
		second_store(&slot->used, frame->second);
}

#endif
