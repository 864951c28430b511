/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Compares who speaks with the table, as notice.h does for ARP. A solicitation speaks of its
 * source, an advertisement of its target.
 */
#ifndef BPF_ND_NOTICE_H
#define BPF_ND_NOTICE_H

#include "nd_report.h"
#include "nd_valid.h"
#include "reply.h"

/* What the table has for the address that is spoken of. */
struct nd_known {
	struct neigh_slot *slot;
	__u64 binding;
	__u32 index; /* EVENT_NO_SLOT when it has none */
};

/* `option` is nd_judge()'s: without it the frame's own source is the MAC of who speaks. */
static __always_inline void nd_sender_find(struct nd_sender *sender, struct nd_known *known,
                                           const struct nd_frame *frame, __u64 option)
{
	*known = (struct nd_known){.index = EVENT_NO_SLOT};
	sender->mac = option & MAC_MASK;
	if (binding_state(option) == OPTION_NONE)
		sender->mac = nd_ethernet_source(frame);
	sender->address = nd_source(frame);
	if (frame->message->type == ND_NEIGHBOR_ADVERTISEMENT)
		sender->address = nd_target(frame);
	if (address6_is_none(sender->address))
		return;
	known->index = nd_index(&sender->address, sender->segment);
	if (known->index != EVENT_NO_SLOT)
		known->slot = slot_at(known->index);
	if (known->slot)
		known->binding = binding_load(known->slot);
}

/* Whether a protected slot has another MAC. */
static __always_inline _Bool nd_contradicts(__u64 binding, __u64 mac)
{
	return binding_is_held(binding) && (binding & MAC_MASK) != mac &&
	       binding_flags(binding) & SLOT_PROTECT;
}

/* What an advertisement that the agent asked for looks like. */
static __always_inline _Bool nd_is_reply_to_agent(const struct nd_frame *frame,
                                                  const struct port_config *config)
{
	return frame->message->type == ND_NEIGHBOR_ADVERTISEMENT &&
	       frame->message->flags & ND_FLAG_SOLICITED &&
	       nd_ethernet_destination(frame) == mac_load(config->mac);
}

/* Whether an advertisement's R is not what the slot of a learned address has. */
static __always_inline _Bool nd_role_is_news(const struct nd_frame *frame, __u64 binding)
{
	__u8 state = binding_state(binding), flags = binding_flags(binding);

	return frame->message->type == ND_NEIGHBOR_ADVERTISEMENT &&
	       (state == SLOT_DYNAMIC || state == SLOT_STALE) && !(flags & SLOT_FROZEN) &&
	       !(flags & SLOT_ROUTER) != !(frame->message->flags & ND_FLAG_ROUTER);
}

/* Any sender. Returns UNDECIDED, or the verdict. */
static __always_inline enum counter nd_notice(const struct nd_sender *sender,
                                              const struct nd_known *known,
                                              const struct nd_frame *frame, __u64 option,
                                              struct counters *tally)
{
	__u64 binding = known->binding, source = nd_ethernet_source(frame);
	enum counter verdict = UNDECIDED;
	enum event_kind kind;
	__u32 hold = HOLD_NEWS;

	if (nd_contradicts(binding, sender->mac)) {
		/* First, because a malformed contradiction poisons caches as well. A MAC that is
		 * hidden behind too many options also contradicts. */
		verdict = COUNTER_ND_DROP_PROTECTED;
		kind = EVENT_SPOOF;
	} else if (binding_state(option) == OPTION_UNKNOWN) {
		return COUNTER_ND_PASS_MALFORMED;
	} else if (mac_is_bad(sender->mac) || mac_is_bad(source)) {
		verdict = COUNTER_ND_PASS_BAD_SENDER;
		kind = EVENT_BAD_SENDER;
	} else if (address6_is_none(sender->address)) {
		return UNDECIDED;
	} else if (sender->mac != source) {
		count(tally, COUNTER_SENDER_MISMATCH);
		kind = EVENT_MISMATCH;
	} else if (binding_is_held(binding) && (binding & MAC_MASK) == sender->mac) {
		count(tally, COUNTER_HEARD_SAME);
		second_store(&known->slot->seen, second_now(tally));
		if (!nd_role_is_news(frame, binding))
			return UNDECIDED;
		kind = EVENT_HEARD;
	} else if (sender->segment == NO_SEGMENT) {
		/* Here a station may have any address. */
		count(tally, COUNTER_HEARD_FOREIGN);
		return UNDECIDED;
	} else if (!known->slot && !address6_is_on_link(&sender->address, frame->vlan)) {
		count(tally, COUNTER_HEARD_FOREIGN);
		kind = EVENT_BOGON;
	} else {
		count(tally, COUNTER_HEARD_OTHER);
		kind = EVENT_HEARD;
		/* The agent has asked for this address, or for its holder. */
		if (binding_state(binding) == SLOT_PENDING ||
		    (binding_state(binding) == SLOT_STALE &&
		     nd_is_reply_to_agent(frame, sender->config)))
			hold = HOLD_NONE;
	}
	nd_tell(frame, sender, kind, known->index, hold);
	return verdict;
}

#endif
