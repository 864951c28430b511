/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Reports events to the agent through the ring buffer, never more than the agent can take. The
 * program counts an event that it holds back or loses. It leaves that event's throttle open, so
 * that the next frame tries again.
 *
 * The callers are out of line and parse the frame again. So a frame without news keeps the few
 * registers for itself.
 */
#ifndef BPF_REPORT_H
#define BPF_REPORT_H

#include "arpkeeper/event.h"
#include "bucket.h"
#include "parse.h"
#include "tally.h"

/* Seconds for which the program does not repeat the same report. */
#define HOLD_NONE    0
#define HOLD_NEWS    1
#define HOLD_SPONGED 30 /* the agent only needs to know which hosts got the sponge's MAC */

/* Whether the event's `address` is the target's, not the sender's. */
static __always_inline _Bool event_is_of_target(enum event_kind kind)
{
	return kind == EVENT_MISS || kind == EVENT_SPONGED || kind == EVENT_LOCAL;
}

/* Whether the event reaches the agent. `now` is in coarse nanoseconds. */
static __always_inline _Bool report(const struct frame *frame, struct counters *tally,
                                    const struct port_config *config, enum event_kind kind,
                                    __u32 slot, __u64 now)
{
	__be32 spa = frame_spa(frame), tpa = frame_tpa(frame);
	struct event *event;

	if (!bucket_take(frame_source(frame), now)) {
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
	address_store4(event->address, event_is_of_target(kind) ? tpa : spa);
	address_store4(event->peer, event_is_of_target(kind) ? spa : tpa);
	mac_store(event->mac, frame_sha(frame));
	mac_store(event->source, frame_source(frame));
	event->opcode = bpf_ntohs(frame_opcode(frame));
	event->flags = frame_destination(frame) == mac_load(config->mac) ? EVENT_TO_US : 0;
	event->time = now;
	bpf_ringbuf_submit(event, 0);
	count(tally, COUNTER_EVENTS_SENT);
	return 1;
}

/* Reports the same event of the same sender once in `hold` seconds. */
static __always_inline void report_once(const struct frame *frame, struct counters *tally,
                                        const struct port_config *config, enum event_kind kind,
                                        __u32 slot, __u32 hold)
{
	struct throttle_key key = {.mac = frame_sha(frame), .slot = slot, .kind = kind};
	__u64 now = bpf_ktime_get_coarse_ns();
	__u32 second = coarse_seconds(now), *reported;

	if (hold != HOLD_NONE) {
		reported = bpf_map_lookup_elem(&throttle, &key);
		if (reported && second - *reported < hold) {
			count(tally, COUNTER_EVENTS_THROTTLED);
			return;
		}
	}
	if (report(frame, tally, config, kind, slot, now))
		bpf_map_update_elem(&throttle, &key, &second, BPF_ANY);
}

/* Reports a target without a binding once a second for each address. The slot holds the stamp. */
static __always_inline void report_miss(const struct frame *frame, struct counters *tally,
                                        const struct port_config *config, struct neigh_slot *slot,
                                        __u32 index)
{
	__u64 now = bpf_ktime_get_coarse_ns();
	__u32 second = coarse_seconds(now);

	if (*(volatile __u32 *)&slot->used == second)
		count(tally, COUNTER_EVENTS_THROTTLED);
	else if (report(frame, tally, config, EVENT_MISS, index, now))
		second_store(&slot->used, second);
}

#endif
