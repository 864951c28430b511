/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Requests for the rare targets: unknown or dead addresses, and this host's own. This code is out
 * of line, because its reports would cost the other paths registers.
 */
#ifndef BPF_SELDOM_H
#define BPF_SELDOM_H

#include "notice.h"
#include "reply.h"
#include "report.h"

/* Whether the slot names a MAC that a reply can carry. If not, records the request in the slot. */
static __always_inline _Bool target_is_known(const struct frame *frame, struct counters *tally,
                                             const struct port_config *config,
                                             struct neigh_slot *slot, __u32 index, __u64 binding)
{
	const __u8 sponged = SLOT_SPONGE | SLOT_ANSWER;
	__u8 state = binding_state(binding);

	if (binding_is_held(binding))
		return 1;
	if (state == SLOT_DEAD && (binding_flags(binding) & sponged) == sponged)
		return 1;
	/* A probe does not want to reach the address: its sender hopes that it is free. */
	if (!frame_spa(frame))
		return 0;
	if (state == SLOT_EMPTY)
		report_miss(frame, tally, config, slot, index);
	/* Atomic, because the sum over all CPUs decides whether the address is under heavy load.
	 * The frame goes up the stack anyway, which costs a hundred times as much. */
	if (state == SLOT_DEAD)
		__sync_fetch_and_add(&slot->seen, 1);
	return 0;
}

/* Reports which host got the sponge's MAC, and which host will talk to this one. */
static __always_inline void report_answer(const struct frame *frame, struct counters *tally,
                                          const struct port_config *config, __u32 index, __u8 state)
{
	enum event_kind kind = EVENT_SPONGED;
	__u32 hold = HOLD_SPONGED;
	struct sender sender;

	if (state == SLOT_DEAD) {
		count(tally, COUNTER_SPONGED);
	} else if (state == SLOT_LOCAL) {
		kind = EVENT_LOCAL;
		hold = HOLD_NEWS;
		sender_find(&sender, frame, config);
		if (!sender.slot || frame_sha(frame) != frame_source(frame))
			return;
	} else {
		return;
	}
	report_once(frame, tally, config, kind, index, hold);
}

static __noinline int answer_seldom(struct xdp_md *ctx, struct counters *tally,
                                    struct neigh_slot *slot, __u32 index)
{
	const struct port_config *config;
	enum counter verdict = COUNTER_PASS_MISS;
	struct frame frame;
	struct port *self;
	__u64 binding;
	__u32 second;

	self = port_here();
	if (!self || frame_parse(ctx, &frame) != PARSED_ARP)
		return XDP_PASS;
	config = port_active(self);
	/* Read again: the current binding decides. */
	binding = binding_load(slot);
	second = second_now(tally);
	if (target_is_known(&frame, tally, config, slot, index, binding))
		verdict = reply_judge(&frame, self, binding, second);
	count(tally, verdict);
	if (verdict != COUNTER_ANSWERED)
		return XDP_PASS;
	second_store(&slot->used, second);
	report_answer(&frame, tally, config, index, binding_state(binding));
	return reply_send(&frame, config, binding & MAC_MASK);
}

#endif
