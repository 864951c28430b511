/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Decides which requests the program answers, and sends the reply. The slot's flags carry the
 * policy. This file holds the rules that no policy overrides (RFC 826, RFC 5227). It judges targets
 * that are learned or declared. seldom.h judges all others.
 */
#ifndef BPF_ANSWER_H
#define BPF_ANSWER_H

#include "seldom.h"

/* Judges a frame whose sender may ask. */
static __always_inline int answer(const struct frame *frame, struct counters *tally,
                                  const struct port *self, const struct port_config *config,
                                  struct place place, __u32 second)
{
	enum counter verdict = request_judge(frame, config);
	__u32 address = bpf_ntohl(frame_tpa(frame)), index;
	struct neigh_slot *slot;
	__u64 binding;
	__u8 state;

	if (verdict != UNDECIDED)
		goto out;
	verdict = COUNTER_PASS_OFF_LINK;
	/* Nearly always the target is in the sender's prefix. */
	if (!place_has(place, address))
		place = place_find(config, frame->vlan, address);
	if (!place.mask)
		goto out;
	index = place_slot(place, address);
	slot = slot_at(index);
	if (!slot)
		goto out;
	binding = binding_load(slot);
	state = binding_state(binding);
	if (state != SLOT_DYNAMIC && state != SLOT_STATIC && state != SLOT_STALE)
		return answer_seldom(frame->ctx, tally, slot, index);
	verdict = reply_judge(frame, self, binding, second);
	if (verdict != COUNTER_ANSWERED)
		goto out;
	second_store(&slot->used, second);
	count(tally, COUNTER_ANSWERED);
	return reply_send(frame, config, binding & MAC_MASK);
out:
	count(tally, verdict);
	return XDP_PASS;
}

#endif
