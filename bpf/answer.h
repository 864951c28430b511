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
static __always_inline enum counter answer_judge(const struct frame *frame, const struct port *self,
                                                 const struct port_config *config, __u64 *answer)
{
	struct neigh_slot *slot;
	__u64 binding, mac;
	__u32 index;
	__u8 state, flags;
	_Bool declared;

	if (frame->opcode != ARP_OP_REQUEST)
		return COUNTER_PASS_NOT_REQUEST;
	if (frame->spa == frame->tpa)
		return COUNTER_PASS_GRATUITOUS;
	if (frame->destination != MAC_BROADCAST && frame->destination != mac_load(config->mac))
		return COUNTER_PASS_ELSEWHERE;
	index = slot_index(config, frame->vlan, frame->tpa);
	slot = slot_at(index);
	if (!slot)
		return COUNTER_PASS_OFF_LINK;

	binding = binding_load(slot);
	mac = binding & MAC_MASK;
	state = binding_state(binding);
	flags = binding_flags(binding);
	if (state == SLOT_EMPTY) {
		if (frame->spa)
			tell_of_miss(frame, index, slot);
		return COUNTER_PASS_MISS;
	}
	if (!binding_is_held(binding) &&
	    (state != SLOT_DEAD || ~flags & (SLOT_SPONGE | SLOT_ANSWER)))
		return COUNTER_PASS_MISS;
	/* Anybody with bpftool can write a slot: no mistake of theirs gets on the wire. */
	if (!(flags & SLOT_ANSWER) || mac_is_bad(mac))
		return COUNTER_PASS_UNANSWERED;
	if (frame->sha == mac)
		return COUNTER_PASS_OWNER;
	declared = state == SLOT_STATIC || state == SLOT_LOCAL;
	/* Answered probes make DHCP clients drop their lease: only those who declared it object. */
	if (!frame->spa && !declared)
		return COUNTER_PASS_PROBE;
	if (!declared && agent_is_silent(self, frame->second))
		return COUNTER_PASS_WATCHDOG;

	second_store(&slot->used, frame->second);
	*answer = mac;
	return COUNTER_ANSWERED;
}

/* Turns the request into its reply, in place; tags and padding stay as they are. */
static __always_inline void answer_write(const struct frame *frame,
                                         const struct port_config *config, __u64 mac)
{
	struct arp_ipv4 *arp = frame->arp;
	/* Our own source, or every switch on the way learns that the host has moved to our port. */
	__u64 source = config->flags & PORT_REPLY_AS_TARGET ? mac : mac_load(config->mac);

	mac_store(frame->eth->h_dest, frame->source);
	mac_store(frame->eth->h_source, source);
	*(__be16 *)(void *)&arp->opcode = bpf_htons(ARP_OP_REPLY);
	mac_store(arp->sha, mac);
	*(__be32 *)(void *)&arp->spa = frame->tpa;
	mac_store(arp->tha, frame->sha);
	*(__be32 *)(void *)&arp->tpa = frame->spa;
}

#endif
