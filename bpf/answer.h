/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Answering: which requests, and the reply. Policy came with the slot's flags; what is here are
 * the rules that no policy bends (RFC 826, RFC 5227).
 */
#ifndef BPF_ANSWER_H
#define BPF_ANSWER_H

#include "table.h"
#include "tell.h"

/* Nobody has verified learned bindings for longer than allowed. */
static __always_inline _Bool agent_is_silent(const struct port *self, __u32 second)
{
	__u32 silence = *(const volatile __u32 *)&self->silence;
	__u32 age = second - *(const volatile __u32 *)&self->heartbeat;

	/* The agent may have read its clock a moment after we did. */
	return silence && (__s32)age > 0 && age > silence;
}

/* Whether to answer, and then from which binding: ANSWERED, or the reason why not. */
static __always_inline enum counter answer_judge(const struct frame *frame, struct counters *tally,
                                                 const struct port *self,
                                                 const struct port_config *config,
                                                 struct place place, __u32 second, __u64 *answer)
{
	__be32 spa = frame_spa(frame), tpa = frame_tpa(frame);
	__u32 address = bpf_ntohl(tpa);
	struct neigh_slot *slot;
	__u64 binding, mac;
	__u32 index;
	__u8 state, flags;

	if (frame_opcode(frame) != bpf_htons(ARP_OP_REQUEST))
		return COUNTER_PASS_NOT_REQUEST;
	if (spa == tpa)
		return COUNTER_PASS_GRATUITOUS;
	if (frame_destination(frame) != MAC_BROADCAST &&
	    frame_destination(frame) != mac_load(config->mac))
		return COUNTER_PASS_ELSEWHERE;
	/* Nearly always the sender's. */
	if (!place_has(place, address))
		place = place_find(config, frame->vlan, address);
	if (!place.mask)
		return COUNTER_PASS_OFF_LINK;
	index = place_slot(place, address);
	slot = slot_at(index);
	if (!slot)
		return COUNTER_PASS_OFF_LINK;

	binding = binding_load(slot);
	mac = binding & MAC_MASK;
	state = binding_state(binding);
	flags = binding_flags(binding);
	if (state == SLOT_EMPTY) {
		if (spa)
			tell_of_miss(frame->ctx, tally, slot, index);
		return COUNTER_PASS_MISS;
	}
	if (!binding_is_held(binding) &&
	    (state != SLOT_DEAD || ~flags & (SLOT_SPONGE | SLOT_ANSWER)))
		return COUNTER_PASS_MISS;
	/* Anybody with bpftool can write a slot: no mistake of theirs gets on the wire. */
	if (!(flags & SLOT_ANSWER) || mac_is_bad(mac))
		return COUNTER_PASS_UNANSWERED;
	if (frame_sha(frame) == mac)
		return COUNTER_PASS_OWNER;
	if (state != SLOT_STATIC && state != SLOT_LOCAL) {
		/* Answered probes make DHCP clients drop their lease: only who was declared
		 * objects. */
		if (!spa)
			return COUNTER_PASS_PROBE;
		if (agent_is_silent(self, second))
			return COUNTER_PASS_WATCHDOG;
	}
	second_store(&slot->used, second);
	*answer = mac;
	return COUNTER_ANSWERED;
}

/* Turns the request into its reply, in place; tags and padding stay as they are. */
static __always_inline void answer_write(const struct frame *frame,
                                         const struct port_config *config, __u64 mac)
{
	struct arp_ipv4 *arp = frame->arp;
	__u64 asker = frame_sha(frame), source = mac;
	__be32 spa = frame_spa(frame), tpa = frame_tpa(frame);

	/* Our own source, or every switch on the way learns that the host has moved to our port. */
	if (!(config->flags & PORT_REPLY_AS_TARGET))
		source = mac_load(config->mac);
	mac_store(frame->eth->h_dest, frame_source(frame));
	mac_store(frame->eth->h_source, source);
	*(__be16 *)(void *)&arp->opcode = bpf_htons(ARP_OP_REPLY);
	mac_store(arp->sha, mac);
	*(__be32 *)(void *)&arp->spa = tpa;
	mac_store(arp->tha, asker);
	*(__be32 *)(void *)&arp->tpa = spa;
}

/* What becomes of a frame whose sender may ask. */
static __always_inline int answer(const struct frame *frame, struct counters *tally,
                                  const struct port *self, const struct port_config *config,
                                  struct place place, __u32 second)
{
	__u64 mac = 0;
	enum counter verdict = answer_judge(frame, tally, self, config, place, second, &mac);

	count(tally, verdict);
	if (verdict != COUNTER_ANSWERED)
		return XDP_PASS;
	answer_write(frame, config, mac);
	if (config->flags & PORT_REDIRECT)
		return bpf_redirect(frame->ctx->ingress_ifindex, 0);
	return XDP_TX;
}

#endif
