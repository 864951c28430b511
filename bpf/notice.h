/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Noticing the sender, whatever the opcode: does it speak as the table says? It never changes a
 * binding: learning is the agent's.
 */
#ifndef BPF_NOTICE_H
#define BPF_NOTICE_H

#include "table.h"
#include "tell.h"

/* No verdict yet: the frame goes on to be answered. */
#define UNDECIDED COUNTERS

/* Whoever does not speak just as the table says. `index`: EVENT_NO_SLOT when not on-link. */
static __noinline enum counter notice_other(struct xdp_md *ctx, struct counters *tally, __u32 index,
                                            __u64 binding)
{
	__u64 sha, source;
	struct frame frame;
	enum counter verdict = UNDECIDED;
	enum event_kind kind;
	_Bool throttled = 1;

	if (frame_parse(ctx, &frame) != PARSED_ARP)
		return UNDECIDED;
	sha = frame_sha(&frame);
	source = frame_source(&frame);

	if (binding_is_held(binding) && (binding & MAC_MASK) != sha &&
	    binding_flags(binding) & SLOT_PROTECT) {
		/* First of all: malformed contradictions poison caches no less than neat ones. */
		verdict = COUNTER_DROP_PROTECTED;
		kind = EVENT_SPOOF;
	} else if (mac_is_bad(sha) || mac_is_bad(source)) {
		verdict = COUNTER_PASS_BAD_SENDER;
		kind = EVENT_BAD_SENDER;
	} else if (!frame_spa(&frame)) {
		return UNDECIDED;
	} else if (sha != source) {
		count(tally, COUNTER_SENDER_MISMATCH);
		kind = EVENT_MISMATCH;
	} else if (index == EVENT_NO_SLOT) {
		count(tally, COUNTER_HEARD_FOREIGN);
		return UNDECIDED;
	} else {
		count(tally, COUNTER_HEARD_OTHER);
		kind = EVENT_HEARD;
		/* The agent has asked for this one, and waits. */
		throttled = binding_state(binding) != SLOT_PENDING;
	}
	tell_of_sender(&frame, tally, kind, index, throttled);
	return verdict;
}

/* `place`: the sender's; nowhere for a probe. */
static __always_inline enum counter notice_sender(const struct frame *frame, struct counters *tally,
                                                  struct place place, __u32 second)
{
	__u32 index = EVENT_NO_SLOT;
	__u64 binding = 0, sha;
	struct neigh_slot *slot;

	if (place.mask) {
		index = place_slot(place, bpf_ntohl(frame_spa(frame)));
		slot = slot_at(index);
		if (slot) {
			binding = binding_load(slot);
			sha = frame_sha(frame);
			if (binding_is_held(binding) && (binding & MAC_MASK) == sha &&
			    frame_source(frame) == sha && !mac_is_bad(sha)) {
				count(tally, COUNTER_HEARD_SAME);
				second_store(&slot->seen, second);
				return UNDECIDED;
			}
		} else {
			index = EVENT_NO_SLOT;
		}
	}
	return notice_other(frame->ctx, tally, index, binding);
}

#endif
