/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Parses bytes into a `struct frame`: Ethernet, up to two VLAN tags, ARP. Each header has one
 * bounds check. This file judges the format only, not what the addresses mean. Of IPv6 it only
 * finds out whether nd_parse.h goes on.
 */
#ifndef BPF_PARSE_H
#define BPF_PARSE_H

#include <linux/bpf.h>
#include <linux/if_ether.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "arpkeeper/frame.h"
#include "arpkeeper/nd.h"
#include "word.h"

/*
 * Where the fields are, not their values. Registers are few, so the program reads a field from the
 * frame again instead of keeping it.
 */
struct frame {
	struct xdp_md *ctx;
	struct ethhdr *eth;
	struct arp_ipv4 *arp;
	__u32 vlan; /* vlan_key() */
};

enum parsed {
	PARSED_OTHER, /* neither ARP nor ND, or more than two tags: the program ignores it */
	PARSED_MALFORMED,
	PARSED_ARP,
	PARSED_ND
};

/* MACs are words, see word.h. Addresses and the opcode are in network byte order. */
static __always_inline __u64 frame_destination(const struct frame *frame)
{
	return mac_load(frame->eth->h_dest);
}

static __always_inline __u64 frame_source(const struct frame *frame)
{
	return mac_load(frame->eth->h_source);
}

static __always_inline __u64 frame_sha(const struct frame *frame)
{
	return mac_load(frame->arp->sha);
}

static __always_inline __be32 frame_spa(const struct frame *frame)
{
	return *(__be32 *)(void *)&frame->arp->spa;
}

static __always_inline __be32 frame_tpa(const struct frame *frame)
{
	return *(__be32 *)(void *)&frame->arp->tpa;
}

static __always_inline __be16 frame_opcode(const struct frame *frame)
{
	return *(__be16 *)(void *)&frame->arp->opcode;
}

static __always_inline _Bool is_tag(__be16 ethertype)
{
	return ethertype == bpf_htons(ETH_P_8021Q) || ethertype == bpf_htons(ETH_P_8021AD);
}

/*
 * What follows Ethernet and its tags, or NULL when the frame is too short. The ethertype is in
 * network byte order.
 */
static __always_inline void *ethernet_parse(struct xdp_md *ctx, struct ethhdr **eth, __u32 *vlan,
                                            __be16 *ethertype)
{
	void *cursor = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;

	*eth = cursor;
	if (cursor + sizeof(**eth) > end)
		return NULL;
	cursor += sizeof(**eth);
	*ethertype = *(__be16 *)(void *)&(*eth)->h_proto;
	*vlan = 0;
	for (int tags = 0; tags < VLAN_TAGS_MAX && is_tag(*ethertype); tags++) {
		struct vlan_tag *tag = cursor;

		if (cursor + sizeof(*tag) > end)
			return NULL;
		cursor += sizeof(*tag);
		*vlan = vlan_key(*vlan, bpf_ntohs(tag->tci));
		*ethertype = tag->ethertype;
	}
	return cursor;
}

/* Whether a message of neighbour discovery follows IPv6 directly: all that other IPv6 pays. */
static __always_inline _Bool is_discovery(const void *cursor, const void *end)
{
	const struct ipv6_header *ip = cursor;
	const struct nd_message *message = (const void *)(ip + 1);

	return (const void *)(&message->type + 1) <= end && ip->next_header == IPV6_NEXT_ICMPV6 &&
	       (__u8)(message->type - ND_ROUTER_SOLICITATION) <=
	               ND_REDIRECT - ND_ROUTER_SOLICITATION;
}

static __always_inline enum parsed frame_parse(struct xdp_md *ctx, struct frame *frame)
{
	/* htype, ptype, hlen and plen of ARP for Ethernet and IPv4, in the frame's byte order. */
	static const union {
		__u8 bytes[8];
		__u64 word;
	} arp_ethernet_ipv4 = {
	        {0, ARP_HTYPE_ETHERNET, ETH_P_IP >> 8, ETH_P_IP & 0xff, ETH_ALEN, 4}};
	void *end = (void *)(long)ctx->data_end, *cursor;
	struct arp_ipv4 *arp;
	struct ethhdr *eth;
	__be16 ethertype;

	cursor = ethernet_parse(ctx, &eth, &frame->vlan, &ethertype);
	if (!cursor)
		return PARSED_OTHER;
	if (ethertype != bpf_htons(ETH_P_ARP)) {
		if (ethertype == bpf_htons(ETH_P_IPV6) && is_discovery(cursor, end))
			return PARSED_ND;
		return PARSED_OTHER;
	}

	arp = cursor;
	if (cursor + sizeof(*arp) > end)
		return PARSED_MALFORMED;
	/* The mask leaves out the opcode, which shares the eight bytes. */
	if ((*(__u64 *)arp ^ arp_ethernet_ipv4.word) & MAC_MASK)
		return PARSED_MALFORMED;

	frame->ctx = ctx;
	frame->eth = eth;
	frame->arp = arp;
	return PARSED_ARP;
}

#endif
