/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * From bytes to a `struct frame`: Ethernet, up to two VLAN tags, ARP. One bounds check a
 * header. It judges the format only: what the addresses mean is not decided here.
 */
#ifndef BPF_PARSE_H
#define BPF_PARSE_H

#include <linux/bpf.h>
#include <linux/if_ether.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

#include "arpkeeper/frame.h"
#include "word.h"

struct frame {
	struct ethhdr *eth;
	struct arp_ipv4 *arp;
	__u64 destination; /* MACs as words, see word.h */
	__u64 source;
	__u64 sha;
	__be32 spa;
	__be32 tpa;
	__u32 vlan;    /* vlan_key() */
	__u32 ifindex; /* where it came in */
	__u64 now;     /* coarse monotonic nanoseconds, read once a frame */
	__u32 second;
	__u16 opcode; /* host byte order */
};

enum parsed {
	PARSED_OTHER, /* not ARP, or tagged more than twice: none of our business */
	PARSED_MALFORMED,
	PARSED_ARP
};

/* htype, ptype, hlen and plen of the only ARP there is here, as they lie in the frame. */
static const union {
	__u8 bytes[8];
	__u64 word;
} arp_ethernet_ipv4 = {{0, ARP_HTYPE_ETHERNET, ETH_P_IP >> 8, ETH_P_IP & 0xff, ETH_ALEN, 4}};

static __always_inline _Bool is_tag(__be16 ethertype)
{
	return ethertype == bpf_htons(ETH_P_8021Q) || ethertype == bpf_htons(ETH_P_8021AD);
}

static __always_inline enum parsed frame_parse(const struct xdp_md *ctx, struct frame *frame)
{
	void *cursor = (void *)(long)ctx->data;
	void *end = (void *)(long)ctx->data_end;
	struct ethhdr *eth = cursor;
	__be16 ethertype;

	if (cursor + sizeof(*eth) > end)
		return PARSED_OTHER;
	cursor += sizeof(*eth);
	ethertype = eth->h_proto;
	frame->vlan = 0;
	for (int tags = 0; tags < VLAN_TAGS_MAX && is_tag(ethertype); tags++) {
		struct vlan_tag *tag = cursor;

		if (cursor + sizeof(*tag) > end)
			return PARSED_OTHER;
		cursor += sizeof(*tag);
		frame->vlan = vlan_key(frame->vlan, bpf_ntohs(tag->tci));
		ethertype = tag->ethertype;
	}
	if (ethertype != bpf_htons(ETH_P_ARP))
		return PARSED_OTHER;

	struct arp_ipv4 *arp = cursor;

	if (cursor + sizeof(*arp) > end)
		return PARSED_MALFORMED;
	/* Everything but the opcode, which shares the eight bytes. */
	if ((*(__u64 *)arp ^ arp_ethernet_ipv4.word) & MAC_MASK)
		return PARSED_MALFORMED;

	frame->eth = eth;
	frame->arp = arp;
	frame->destination = mac_load(eth->h_dest);
	frame->source = mac_load(eth->h_source);
	frame->sha = mac_load(arp->sha);
	frame->spa = *(__be32 *)(void *)&arp->spa;
	frame->tpa = *(__be32 *)(void *)&arp->tpa;
	frame->opcode = bpf_ntohs(*(__be16 *)(void *)&arp->opcode);
	frame->ifindex = ctx->ingress_ifindex;
	frame->now = bpf_ktime_get_coarse_ns();
	frame->second = coarse_seconds(frame->now);
	return PARSED_ARP;
}

#endif
