/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Noticing the sender, whatever the opcode: does it speak as the table says? It never changes a
 * binding: learning is the agent's.
 */
#ifndef BPF_NOTICE_H
#define BPF_NOTICE_H

#include "reply.h"
#include "report.h"
#include "table.h"

/* All that there is to know of a frame's sender. */
struct sender {
	struct place place;
	struct neigh_slot *slot; /* NULL when not on-link */
	__u32 index;             /* EVENT_NO_SLOT likewise */
	__u64 binding;
};

static __always_inline void sender_find(struct sender *sender, const struct frame *frame,
                                        const struct port_config *config)
{
	__u32 address = bpf_ntohl(frame_spa(frame));

	*sender = (struct sender){.index = EVENT_NO_SLOT};
	/* A probe says only who asks (RFC 5227), nothing about an address. */
	if (!address)
		return;
	sender->place = place_find(config, frame->vlan, address);
	if (!sender->place.mask)
		return;
	sender->index = place_slot(sender->place, address);
	sender->slot = slot_at(sender->index);
	if (sender->slot)
		sender->binding = binding_load(sender->slot);
	else
		sender->index = EVENT_NO_SLOT;
}

/* Just as the table says, in `binding`: nothing to tell. */
static __always_inline _Bool sender_matches_table(__u64 binding, const struct frame *frame)
{
	__u64 sha = frame_sha(frame);

	return binding_is_held(binding) && (binding & MAC_MASK) == sha &&
	       frame_source(frame) == sha && !mac_is_bad(sha);
}

/* What an answer to the agent's own question looks like. */
static __always_inline _Bool is_reply_to_agent(const struct frame *frame,
                                               const struct port_config *config)
{
	return frame_opcode(frame) == bpf_htons(ARP_OP_REPLY) &&
	       frame_destination(frame) == mac_load(config->mac);
}

/* Anybody else. UNDECIDED, or what becomes of the frame. */
static __always_inline enum counter notice_sender(const struct sender *sender,
                                                  const struct frame *frame, struct counters *tally,
                                                  const struct port_config *config)
{
	__u64 binding = sender->binding;
	__u64 sha = frame_sha(frame), source = frame_source(frame);
	enum counter verdict = UNDECIDED;
	enum event_kind kind;
	__u32 hold = HOLD_NEWS;

	if (binding_is_held(binding) && (binding & MAC_MASK) != sha &&
	    binding_flags(binding) & SLOT_PROTECT) {
		/* First of all: malformed contradictions poison caches no less than neat ones. */
		verdict = COUNTER_DROP_PROTECTED;
		kind = EVENT_SPOOF;
	} else if (mac_is_bad(sha) || mac_is_bad(source)) {
		verdict = COUNTER_PASS_BAD_SENDER;
		kind = EVENT_BAD_SENDER;
	} else if (!frame_spa(frame)) {
		return UNDECIDED;
	} else if (sha != source) {
		count(tally, COUNTER_SENDER_MISMATCH);
		kind = EVENT_MISMATCH;
	} else if (!sender->slot) {
		count(tally, COUNTER_HEARD_FOREIGN);
		/* In other VLANs anybody may have any address: none of our business. */
		if (sender->place.mask || !port_serves(config, frame->vlan))
			return UNDECIDED;
		kind = EVENT_BOGON;
	} else {
		count(tally, COUNTER_HEARD_OTHER);
		kind = EVENT_HEARD;
		/* The agent has asked for this one, or who has it, and waits. */
		if (binding_state(binding) == SLOT_PENDING ||
		    (binding_state(binding) == SLOT_STALE && is_reply_to_agent(frame, config)))
			hold = HOLD_NONE;
	}
	report_once(frame, tally, config, kind, sender->index, hold);
	return verdict;
}

#endif
