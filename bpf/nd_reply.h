/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Turns a solicitation into its advertisement (RFC 4861 7.2.4), in place: 24 bytes and the option
 * with the target's MAC. Tags stay as they are. What the solicitation had behind these bytes
 * becomes padding.
 */
#ifndef BPF_ND_REPLY_H
#define BPF_ND_REPLY_H

#include "nd_table.h"
#include "nd_valid.h"
#include "reply.h"

#define ND_REPLY_LENGTH (ND_LENGTH_NEIGHBOR + sizeof(struct nd_option))

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define MAC_ALL_NODES 0x010000003333ULL /* 33:33:00:00:00:01 */
#else
#define MAC_ALL_NODES 0x3333000000010000ULL
#endif

/* The eight bytes of an option with the target's MAC. */
static __always_inline __u64 target_option(__u64 mac)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return mac << 16 | 1 << 8 | ND_OPTION_TARGET;
#else
	return mac >> 16 | (__u64)ND_OPTION_TARGET << 56 | 1ULL << 48;
#endif
}

/* R and O are the agent's policy for the slot; S is for who can be told apart. */
static __always_inline __u8 reply_flags(__u64 binding, _Bool is_dad)
{
	__u8 flags = is_dad ? 0 : ND_FLAG_SOLICITED;

	if (binding_flags(binding) & SLOT_ROUTER)
		flags |= ND_FLAG_ROUTER;
	if (binding_flags(binding) & SLOT_OVERRIDE)
		flags |= ND_FLAG_OVERRIDE;
	return flags;
}

/* Of an answer: what the caller has of it in registers. */
struct nd_parties {
	struct address6 target, asker;
	__u64 sum; /* twice the target's and once the asker's: see sum_address() */
};

/* The caller has checked that ND_REPLY_LENGTH bytes of message are there. */
static __always_inline int nd_reply_send(const struct nd_frame *frame,
                                         const struct port_config *config, __u64 binding,
                                         struct nd_parties parties)
{
	struct ipv6_header *ip = frame->ip;
	struct nd_message *message = frame->message;
	_Bool is_dad = address6_is_none(parties.asker);
	__u64 mac = binding & MAC_MASK, source = mac, option = target_option(mac);
	__u64 sum = parties.sum + sum_pseudo(ND_REPLY_LENGTH);
	/* Type, code, checksum 0, and the word with the flags. */
	const __u32 first = bpf_htonl((__u32)ND_NEIGHBOR_ADVERTISEMENT << 24);
	__u32 flags = bpf_htonl((__u32)reply_flags(binding, is_dad) << 24);

	if (!(config->flags & PORT_REPLY_AS_TARGET))
		source = mac_load(config->mac);
	mac_store(frame->eth->h_dest, is_dad ? MAC_ALL_NODES : nd_ethernet_source(frame));
	mac_store(frame->eth->h_source, source);
	if (is_dad) {
		parties.asker = (struct address6){LINK_GROUPS, ALL_NODES_LOW};
		sum += sum_address(parties.asker);
	}
	ip->version_class_flow = bpf_htonl(0x60000000);
	ip->payload_length = bpf_htons(ND_REPLY_LENGTH);
	address6_store(ip->source, parties.target);
	address6_store(ip->destination, parties.asker);
	sum += (__u64)first + flags + (__u32)option + (option >> 32);
	*(__u32 *)(void *)message = first;
	message->checksum = ~sum_fold(sum);
	*((__u32 *)(void *)message + 1) = flags;
	*(__u64 *)(void *)(message + 1) = option;
	if (config->flags & PORT_REDIRECT)
		return bpf_redirect(frame->ctx->ingress_ifindex, 0);
	return XDP_TX;
}

#endif
