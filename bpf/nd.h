/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Neighbour discovery: the steps of a frame, in order, out of line, so that ARP has its registers
 * for itself. The ordinary solicitation, multicast, with its sender's MAC, from a known sender for
 * a known target, is one straight line here. It changes nothing before it is sure. Any other frame
 * starts again in nd_hear(). They are global functions, as those of nd_valid.h.
 */
#ifndef BPF_ND_H
#define BPF_ND_H

#include "nd_answer.h"
#include "nd_router.h"

#define ND_REST (-1)

/* Where a binding has its state: what becomes of the frame that nd_hear() heard. */
enum nd_next {
	ND_PASS,
	ND_DROP,
	ND_ANSWER /* the word has the MAC of who asks */
};

static __always_inline __u64 nd_next_word(enum nd_next next, __u64 mac)
{
	return (__u64)next << STATE_SHIFT | mac;
}

/* Judges the message and who speaks. */
__noinline __u64 nd_hear(struct xdp_md *ctx)
{
	struct counters *tally = tally_here();
	struct port *self = port_here();
	struct nd_sender sender;
	struct nd_known known;
	struct nd_frame frame;
	enum counter verdict = COUNTER_ND_PASS_MALFORMED;
	__u64 option;

	if (!self || !tally)
		return nd_next_word(ND_PASS, 0);
	if (!nd_find(ctx, &frame))
		goto out;
	sender.config = port_active(self);
	sender.segment = segment_find(sender.config, frame.vlan);
	if (nd_is_of_router(&frame)) {
		verdict = nd_router(&frame, &sender);
		goto out;
	}
	option = nd_judge(&frame);
	if (binding_state(option) == OPTION_BAD)
		goto out;
	nd_sender_find(&sender, &known, &frame, option);
	verdict = nd_notice(&sender, &known, &frame, option, tally);
	if (verdict == UNDECIDED) {
		if (frame.message->type == ND_NEIGHBOR_SOLICITATION)
			return nd_next_word(ND_ANSWER, sender.mac);
		verdict = COUNTER_ND_PASS_NOT_SOLICITATION;
	}
out:
	count(tally, verdict);
	if (verdict == COUNTER_ND_DROP_PROTECTED || verdict == COUNTER_ND_DROP_ROUTER)
		return nd_next_word(ND_DROP, 0);
	return nd_next_word(ND_PASS, 0);
}

/* Whether the frame is an ordinary solicitation, if its checksum is right. */
static __always_inline _Bool nd_looks_ordinary(const struct nd_frame *frame, struct address6 source,
                                               struct address6 target)
{
	const struct ipv6_header *ip = frame->ip;
	const struct nd_message *message = frame->message;
	const __be16 *option = (const void *)(message + 1);

	if (*(__u16 *)(void *)message != bpf_htons(ND_NEIGHBOR_SOLICITATION << 8) ||
	    ip->hop_limit != ND_HOP_LIMIT || (*(__u8 *)ip & 0xf0) != 0x60 ||
	    *(__be16 *)(void *)&ip->payload_length != bpf_htons(ND_REPLY_LENGTH) ||
	    *option != bpf_htons(ND_OPTION_SOURCE << 8 | 1))
		return 0;
	/* Without "::" and all that begins like it. */
	return source.high && target.high && !address6_is_group(source) &&
	       !address6_is_group(target);
}

/* `sum`: of source and target. */
static __always_inline _Bool nd_sum_is_right(const struct nd_frame *frame, __u64 sum)
{
	const struct nd_message *message = frame->message;

	sum = sum_add(sum + sum_pseudo(ND_REPLY_LENGTH), frame->ip->destination,
	              sizeof(frame->ip->destination));
	sum = sum_add(sum, message, 8);
	sum = sum_add(sum, message + 1, sizeof(struct nd_option));
	return sum_fold(sum) == ND_SUM_RIGHT;
}

/* Whether the slot of a known sender agrees with the frame, so that there is no news. */
static __always_inline _Bool nd_matches_table(__u64 binding, const struct nd_frame *frame)
{
	__u64 mac = option_mac((const void *)(frame->message + 1));

	return binding_is_held(binding) && (binding & MAC_MASK) == mac &&
	       nd_ethernet_source(frame) == mac && !mac_is_bad(mac);
}

/* Whether the slot is answered as it is, without a word to the agent. */
static __always_inline _Bool binding_is_answer(__u64 binding, const struct nd_frame *frame,
                                               const struct port *self, __u32 second)
{
	__u64 mac = binding & MAC_MASK;

	switch (binding_state(binding)) {
	case SLOT_DYNAMIC:
	case SLOT_STALE:
		if (agent_is_silent(self, second))
			return 0;
		break;
	case SLOT_STATIC:
		break;
	default:
		return 0;
	}
	return binding_flags(binding) & SLOT_ANSWER && !mac_is_bad(mac) &&
	       nd_ethernet_source(frame) != mac;
}

/* XDP_PASS, XDP_TX or XDP_REDIRECT, or ND_REST: then nd_hear() goes on. */
__noinline int nd_ordinary(struct xdp_md *ctx)
{
	struct neigh_slot *speaker, *asked;
	const struct port_config *config;
	struct address6 source, target;
	const union index6_line *header;
	__u32 segment, second;
	struct counters *tally;
	struct nd_frame frame;
	struct port *self;
	__u64 binding, of_target, of_both;

	self = port_here();
	tally = tally_here();
	if (!self || !tally)
		return XDP_PASS;
	count(tally, COUNTER_ND_FRAMES);
	if (!nd_find(ctx, &frame) || (void *)frame.message + ND_REPLY_LENGTH > frame.end)
		return ND_REST;
	source = nd_source(&frame);
	target = address6_load(frame.message->target);
	if (!nd_looks_ordinary(&frame, source, target))
		return ND_REST;
	config = port_active(self);
	segment = segment_find(config, frame.vlan);
	header = index6_at(0);
	if (segment == NO_SEGMENT || !header)
		return ND_REST;
	/* Early: what follows is done while these loads wait for memory. */
	asked = slot_at(index6_find(header, segment, target));
	speaker = slot_at(index6_find(header, segment, source));
	of_target = sum_address(target);
	of_both = of_target + sum_address(source);
	if (!nd_sum_is_right(&frame, of_both) ||
	    nd_request_judge(&frame, config, target) != UNDECIDED)
		return ND_REST;
	if (!asked || !speaker || !nd_matches_table(binding_load(speaker), &frame))
		return ND_REST;
	binding = binding_load(asked);
	second = second_now(tally);
	if (!binding_is_answer(binding, &frame, self, second))
		return ND_REST;
	count(tally, COUNTER_HEARD_SAME);
	second_store(&speaker->seen, second);
	second_store(&asked->used, second);
	count(tally, COUNTER_ND_ANSWERED);
	return nd_reply_send(&frame, config, binding,
	                     (struct nd_parties){target, source, of_both + of_target});
}

static __always_inline int discovery(struct xdp_md *ctx)
{
	int action = nd_ordinary(ctx);
	__u64 heard;

	if (action != ND_REST)
		return action;
	heard = nd_hear(ctx);
	if (binding_state(heard) == ND_ANSWER)
		return nd_answer(ctx, heard & MAC_MASK);
	return binding_state(heard) == ND_DROP ? XDP_DROP : XDP_PASS;
}

#endif
