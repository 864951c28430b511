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

static __always_inline enum counter notice_sender(const struct frame *frame,
                                                  const struct port_config *config)
{
	__u32 index = EVENT_NO_SLOT;
	struct neigh_slot *slot = NULL;
	__u64 binding = 0;
	enum counter verdict = UNDECIDED;
	enum event_kind kind;
	_Bool same, throttled = 1;

	/* A probe says only who asks (RFC 5227), nothing about an address. */
	if (frame->spa) {
		index = slot_index(config, frame->vlan, frame->spa);
		slot = slot_at(index);
	}
	if (slot)
		binding = binding_load(slot);
	same = binding_is_held(binding) && (binding & MAC_MASK) == frame->sha;

	if (binding_is_held(binding) && !same && binding_flags(binding) & SLOT_PROTECT) {
		/* First of all: malformed contradictions poison caches no less than neat ones. */
		verdict = COUNTER_DROP_PROTECTED;
		kind = EVENT_SPOOF;
	} else if (mac_is_bad(frame->sha) || mac_is_bad(frame->source)) {
		verdict = COUNTER_PASS_BAD_SENDER;
		kind = EVENT_BAD_SENDER;
	} else if (!frame->spa) {
		return UNDECIDED;
	} else if (frame->sha != frame->source) {
		count(COUNTER_SENDER_MISMATCH);
		kind = EVENT_MISMATCH;
	} else if (!slot) {
		count(COUNTER_HEARD_FOREIGN);
		return UNDECIDED;
	} else if (same) {
		count(COUNTER_HEARD_SAME);
		second_store(&slot->seen, frame->second);
		return UNDECIDED;
	} else {
		count(COUNTER_HEARD_OTHER);
		kind = EVENT_HEARD;
		/* The agent has asked for this one, and waits. */
		throttled = binding_state(binding) != SLOT_PENDING;
	}
	tell_of_sender(frame, kind, index, throttled);
	return verdict;
}

#endif
