/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Decides which solicitations the program answers, by the rules of answer.h and seldom.h. Here are
 * all of them; nd.h answers the ordinary ones on a shorter way.
 */
#ifndef BPF_ND_ANSWER_H
#define BPF_ND_ANSWER_H

#include "nd_notice.h"
#include "nd_reply.h"

/*
 * Whether a host other than the target may answer: UNDECIDED, or the reason against it. The frame
 * is for a group or for this interface, and the packet for the target or for its group.
 */
static __always_inline enum counter nd_request_judge(const struct nd_frame *frame,
                                                     const struct port_config *config,
                                                     struct address6 target)
{
	struct address6 destination = nd_destination(frame);
	__u64 mac = nd_ethernet_destination(frame);

	if (frame->message->type != ND_NEIGHBOR_SOLICITATION)
		return COUNTER_ND_PASS_NOT_SOLICITATION;
	if (address6_equal(nd_source(frame), target))
		return COUNTER_ND_PASS_OWNER;
	if (!(mac & MAC_GROUP) && mac != mac_load(config->mac))
		return COUNTER_ND_PASS_ELSEWHERE;
	if (!address6_equal(destination, address6_solicited(target)) &&
	    !address6_equal(destination, target))
		return COUNTER_ND_PASS_ELSEWHERE;
	return UNDECIDED;
}

/* As reply_judge(). */
static __always_inline enum counter nd_reply_judge(const struct nd_frame *frame,
                                                   const struct nd_sender *sender,
                                                   const struct port *self, __u64 binding,
                                                   __u32 second)
{
	__u64 mac = binding & MAC_MASK;
	__u8 state = binding_state(binding);

	if (!(binding_flags(binding) & SLOT_ANSWER) || mac_is_bad(mac))
		return COUNTER_ND_PASS_UNANSWERED;
	if (sender->mac == mac)
		return COUNTER_ND_PASS_OWNER;
	if (state != SLOT_STATIC && state != SLOT_LOCAL) {
		/* A host gives its address up when its own detection is answered. */
		if (address6_is_none(nd_source(frame)))
			return COUNTER_ND_PASS_PROBE;
		if (agent_is_silent(self, second))
			return COUNTER_ND_PASS_WATCHDOG;
	}
	return COUNTER_ND_ANSWERED;
}

/*
 * A target of the table that names no MAC for a reply. Its asker reaches it only when it is found.
 */
static __always_inline void nd_missed(const struct nd_frame *frame, const struct nd_sender *sender,
                                      struct neigh_slot *slot, __u32 index, __u8 state)
{
	/* It hopes that the address is free. */
	if (address6_is_none(nd_source(frame)))
		return;
	if (state == SLOT_EMPTY)
		nd_tell(frame, sender, EVENT_MISS, index, HOLD_NEWS);
	else if (slot && state == SLOT_DEAD)
		__sync_fetch_and_add(&slot->seen, 1);
}

/* Reports who got the sponge's MAC, who will talk to this host, and who wants a declared address.
 */
static __always_inline void nd_report_answer(const struct nd_frame *frame, struct counters *tally,
                                             const struct nd_sender *sender, __u32 index,
                                             __u8 state)
{
	enum event_kind kind = EVENT_SPONGED;
	__u32 hold = HOLD_SPONGED;

	if (state == SLOT_DEAD) {
		count(tally, COUNTER_SPONGED);
	} else if (state == SLOT_LOCAL && sender->mac == nd_ethernet_source(frame) &&
	           !address6_is_none(sender->address) &&
	           nd_index(&sender->address, sender->segment) != EVENT_NO_SLOT) {
		kind = EVENT_LOCAL;
		hold = HOLD_NEWS;
	} else {
		return;
	}
	nd_tell(frame, sender, kind, index, hold);
}

/* Room for the option, at the frame's end. The frame must be found again. */
static __always_inline _Bool nd_make_room(struct xdp_md *ctx, struct nd_frame *frame)
{
	__u32 length = frame->at + sizeof(struct ipv6_header) + ND_REPLY_LENGTH;
	__u32 is = ctx->data_end - ctx->data;

#ifdef FRAMES_KEEP_THEIR_LENGTH
	if (is < length)
		return 0;
#else
	if (is < length && bpf_xdp_adjust_tail(ctx, length - is))
		return 0;
#endif
	return nd_find(ctx, frame) && (void *)frame->message + ND_REPLY_LENGTH <= frame->end;
}

/*
 * Judges a valid solicitation whose sender may ask; `mac` is the sender's. Returns the binding that
 * nd_send() answers with, or 0. Global functions one after the other, so that none has the others'
 * stack.
 */
__noinline __u64 nd_judge_target(struct xdp_md *ctx, __u64 mac)
{
	const __u8 sponged = SLOT_SPONGE | SLOT_ANSWER;
	struct counters *tally = tally_here();
	struct port *self = port_here();
	struct neigh_slot *slot = NULL;
	struct nd_sender sender = {0};
	struct nd_frame frame;
	struct address6 target;
	enum counter verdict;
	__u32 index, second;
	__u64 binding = 0;
	__u8 state;

	if (!self || !tally || !nd_find(ctx, &frame))
		return 0;
	sender.config = port_active(self);
	sender.segment = segment_find(sender.config, frame.vlan);
	sender.address = nd_source(&frame);
	sender.mac = mac;
	target = nd_target(&frame);
	verdict = nd_request_judge(&frame, sender.config, target);
	if (verdict != UNDECIDED)
		goto out;
	verdict = COUNTER_ND_PASS_OFF_LINK;
	if (sender.segment == NO_SEGMENT)
		goto out;
	index = nd_index(&target, sender.segment);
	if (index != EVENT_NO_SLOT)
		slot = slot_at(index);
	if (slot)
		binding = binding_load(slot);
	else if (!address6_is_on_link(&target, frame.vlan))
		goto out;
	state = binding_state(binding);
	second = second_now(tally);
	verdict = COUNTER_ND_PASS_MISS;
	if (!binding_is_held(binding) &&
	    (state != SLOT_DEAD || (binding_flags(binding) & sponged) != sponged)) {
		nd_missed(&frame, &sender, slot, index, state);
		goto out;
	}
	verdict = nd_reply_judge(&frame, &sender, self, binding, second);
	/* A declared address is in danger, whether or not the answer is ours. */
	if ((state == SLOT_STATIC || state == SLOT_LOCAL) && verdict != COUNTER_ND_PASS_OWNER &&
	    address6_is_none(sender.address))
		nd_tell(&frame, &sender, EVENT_HEARD, index, HOLD_NEWS);
	if (verdict != COUNTER_ND_ANSWERED)
		goto out;
	nd_report_answer(&frame, tally, &sender, index, state);
	if (slot)
		second_store(&slot->used, second);
	return binding;
out:
	count(tally, verdict);
	return 0;
}

__noinline int nd_send(struct xdp_md *ctx, __u64 binding)
{
	struct counters *tally = tally_here();
	struct port *self = port_here();
	struct nd_parties parties;
	struct nd_frame frame;

	if (!self || !tally || !nd_find(ctx, &frame))
		return XDP_PASS;
	if (!nd_make_room(ctx, &frame)) {
		count(tally, COUNTER_ND_PASS_NO_ROOM);
		return XDP_PASS;
	}
	count(tally, COUNTER_ND_ANSWERED);
	parties.target = nd_target(&frame);
	parties.asker = nd_source(&frame);
	parties.sum = 2 * sum_address(parties.target) + sum_address(parties.asker);
	return nd_reply_send(&frame, port_active(self), binding, parties);
}

/* `mac` is the sender's. */
static __always_inline int nd_answer(struct xdp_md *ctx, __u64 mac)
{
	__u64 binding = nd_judge_target(ctx, mac);

	return binding ? nd_send(ctx, binding) : XDP_PASS;
}

#endif
