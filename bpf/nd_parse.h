/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Finds a message of neighbour discovery in its frame, and reads its fields. This file does not
 * judge it: nd_valid.h does.
 */
#ifndef BPF_ND_PARSE_H
#define BPF_ND_PARSE_H

#include "address.h"
#include "parse.h"

/* Where the fields are, as in `struct frame`. */
struct nd_frame {
	struct xdp_md *ctx;
	struct ethhdr *eth;
	struct ipv6_header *ip;
	struct nd_message *message;
	void *end;
	__u32 vlan; /* vlan_key() */
	__u32 at;   /* of the IPv6 header, in bytes from the frame's begin */
};

/* Whether IPv6 and the first eight bytes of the message are there: the least that any may have. */
static __always_inline _Bool nd_find(struct xdp_md *ctx, struct nd_frame *frame)
{
	__be16 ethertype;
	void *cursor = ethernet_parse(ctx, &frame->eth, &frame->vlan, &ethertype);

	if (!cursor)
		return 0;
	frame->ctx = ctx;
	frame->end = (void *)(long)ctx->data_end;
	frame->at = cursor - (void *)frame->eth;
	frame->ip = cursor;
	frame->message = (void *)(frame->ip + 1);
	return (void *)frame->message + ND_LENGTH_ROUTER_SOLICITATION <= frame->end;
}

static __always_inline __u64 nd_ethernet_destination(const struct nd_frame *frame)
{
	return mac_load(frame->eth->h_dest);
}

static __always_inline __u64 nd_ethernet_source(const struct nd_frame *frame)
{
	return mac_load(frame->eth->h_source);
}

static __always_inline struct address6 nd_source(const struct nd_frame *frame)
{
	return address6_load(frame->ip->source);
}

static __always_inline struct address6 nd_destination(const struct nd_frame *frame)
{
	return address6_load(frame->ip->destination);
}

/* None where the message is too short for one, as a router solicitation is. */
static __always_inline struct address6 nd_target(const struct nd_frame *frame)
{
	if ((void *)(frame->message + 1) > frame->end)
		return (struct address6){0};
	return address6_load(frame->message->target);
}

/* Of IPv6's payload, in bytes. */
static __always_inline __u32 nd_length(const struct nd_frame *frame)
{
	return bpf_ntohs(*(__be16 *)(void *)&frame->ip->payload_length);
}

#endif
