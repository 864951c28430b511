/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Compares the sender with the table, for every opcode. The program never changes a binding: only
 * the agent learns.
 */
#ifndef BPF_NOTICE_H
#define BPF_NOTICE_H

#include "reply.h"
#include "report.h"
#include "table.h"

/* What the program knows of a frame's sender. */
struct sender {
	struct place place;
	struct neigh_slot *slot; /* NULL when not on-link */
	__u32 index;             /* EVENT_NO_SLOT when not on-link */
	__u64 binding;
};

static __always_inline void sender_find(struct sender *sender, const struct frame *frame,
                                        const struct port_config *config)
{
	__u32 address = bpf_ntohl(frame_spa(frame));

	*sender = (struct sender){.index = EVENT_NO_SLOT};
	/* A probe claims no address (RFC 5227). */
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

/* Whether the sender matches the table, in `binding`, so that the program has no news to report. */
static __always_inline _Bool sender_matches_table(__u64 binding, const struct frame *frame)
{
	__u64 sha = frame_sha(frame);

	return binding_is_held(binding) && (binding & MAC_MASK) == sha &&
	       frame_source(frame) == sha && !mac_is_bad(sha);
}

/* What a reply to the agent's own request looks like. */
static __always_inline _Bool is_reply_to_agent(const struct frame *frame,
                                               const struct port_config *config)
{
	return frame_opcode(frame) == bpf_htons(ARP_OP_REPLY) &&
	       frame_destination(frame) == mac_load(config->mac);
}

/* Any other sender. Returns UNDECIDED, or the verdict. */
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
		/*
		 * Tested first, because a malformed contradiction poisons caches as well as a
		 * correct one.
		 */
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
		/* In other VLANs a station may have any address. */
		if (sender->place.mask || !port_serves(config, frame->vlan))
			return UNDECIDED;
		kind = EVENT_BOGON;
	} else {
		count(tally, COUNTER_HEARD_OTHER);
		kind = EVENT_HEARD;
		/*
		 * The agent has asked for this address, or for its holder, and expects the reply.
		 */
		if (binding_state(binding) == SLOT_PENDING ||
		    (binding_state(binding) == SLOT_STALE && is_reply_to_agent(frame, config)))
			hold = HOLD_NONE;
	}
	report_once(frame, tally, config, kind, sender->index, hold);
	return verdict;
}

#endif
