/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Decides whether a request may have an answer and whether this binding may be the answer, and
 * writes the reply. It does not change the target's slot.
 */
#ifndef BPF_REPLY_H
#define BPF_REPLY_H

#include "parse.h"
#include "table.h"
#include "tally.h"

/* No verdict yet: the next rule decides. */
#define UNDECIDED COUNTERS

/*
 * Whether the agent has been silent for longer than allowed, so that learned bindings are
 * unverified.
 */
static __always_inline _Bool agent_is_silent(const struct port *self, __u32 second)
{
	__u32 silence = *(const volatile __u32 *)&self->silence;
	__u32 age = second - *(const volatile __u32 *)&self->heartbeat;

	/* The agent may have read its clock a moment after the program did. */
	return silence && (__s32)age > 0 && age > silence;
}

/*
 * Whether a host other than the target may answer the request: UNDECIDED, or the reason against it.
 */
static __always_inline enum counter request_judge(const struct frame *frame,
                                                  const struct port_config *config)
{
	if (frame_opcode(frame) != bpf_htons(ARP_OP_REQUEST))
		return COUNTER_PASS_NOT_REQUEST;
	if (frame_spa(frame) == frame_tpa(frame))
		return COUNTER_PASS_GRATUITOUS;
	if (frame_destination(frame) != MAC_BROADCAST &&
	    frame_destination(frame) != mac_load(config->mac))
		return COUNTER_PASS_ELSEWHERE;
	return UNDECIDED;
}

/* Whether `binding`, which names a MAC, is the answer: ANSWERED, or the reason against it. */
static __always_inline enum counter reply_judge(const struct frame *frame, const struct port *self,
                                                __u64 binding, __u32 second)
{
	__u64 mac = binding & MAC_MASK;
	__u8 state = binding_state(binding);

	/* An operator can write any slot with bpftool: a bad MAC must not get on the wire. */
	if (!(binding_flags(binding) & SLOT_ANSWER) || mac_is_bad(mac))
		return COUNTER_PASS_UNANSWERED;
	if (frame_sha(frame) == mac)
		return COUNTER_PASS_OWNER;
	if (state != SLOT_STATIC && state != SLOT_LOCAL) {
		/* DHCP clients drop their lease when a probe is answered. Only declared addresses
		 * object. */
		if (!frame_spa(frame))
			return COUNTER_PASS_PROBE;
		if (agent_is_silent(self, second))
			return COUNTER_PASS_WATCHDOG;
	}
	return COUNTER_ANSWERED;
}

/* Turns the request into its reply, in place. Tags and padding stay as they are. */
static __always_inline int reply_send(const struct frame *frame, const struct port_config *config,
                                      __u64 mac)
{
	struct arp_ipv4 *arp = frame->arp;
	__u64 asker = frame_sha(frame), source = mac;
	__be32 spa = frame_spa(frame), tpa = frame_tpa(frame);

	/*
	 * The port's own source. Otherwise every switch on the way learns that the host has moved
	 * to this port.
	 */
	if (!(config->flags & PORT_REPLY_AS_TARGET))
		source = mac_load(config->mac);
	mac_store(frame->eth->h_dest, frame_source(frame));
	mac_store(frame->eth->h_source, source);
	*(__be16 *)(void *)&arp->opcode = bpf_htons(ARP_OP_REPLY);
	mac_store(arp->sha, mac);
	*(__be32 *)(void *)&arp->spa = tpa;
	mac_store(arp->tha, asker);
	*(__be32 *)(void *)&arp->tpa = spa;
	if (config->flags & PORT_REDIRECT)
		return bpf_redirect(frame->ctx->ingress_ifindex, 0);
	return XDP_TX;
}

#endif
