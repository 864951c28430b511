/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * Whether a message is valid: RFC 4861 6.1.1 (router solicitations), 7.1.1 and 7.1.2. What is not
 * valid passes, and changes nothing, because each host must discard it.
 *
 * The two loops are global functions: the verifier checks each once, for any arguments, instead of
 * in each state of each caller.
 */
#ifndef BPF_ND_VALID_H
#define BPF_ND_VALID_H

#include "nd_parse.h"

/* Messages longer than this pass unjudged. With all options of RFC 3971 they have fewer bytes. */
#define ND_LENGTH_MAX 512
#define ND_SUM_RIGHT  0xffff

/* What nd_option() found, where a binding has its state. */
enum option_result {
	OPTION_FOUND,   /* the MAC is in the word */
	OPTION_NONE,    /* no option of the type */
	OPTION_UNKNOWN, /* too many options, or two that differ: the word is this alone */
	OPTION_BAD      /* the message is not valid */
};

/* Adds 32-bit words into 64 bits, without a carry: the sum of 2^32 words fits. */
static __always_inline __u64 sum_add(__u64 sum, const void *at, unsigned bytes)
{
	const __u32 *word = at;

	for (unsigned i = 0; i < bytes / 4; i++)
		sum += word[i];
	return sum;
}

static __always_inline __u64 sum_address(struct address6 address)
{
	return (__u64)(__u32)address.high + (address.high >> 32) + (__u32)address.low +
	       (address.low >> 32);
}

/* To 16 bits (RFC 1071), in network byte order. */
static __always_inline __u16 sum_fold(__u64 sum)
{
	sum = (__u32)sum + (sum >> 32);
	sum = (sum & 0xffff) + (sum >> 16);
	sum = (sum & 0xffff) + (sum >> 16);
	return (sum & 0xffff) + (sum >> 16);
}

/* The words of the pseudo-header that are not addresses (RFC 8200 8.1). */
static __always_inline __u64 sum_pseudo(__u32 length)
{
	return (__u64)bpf_htonl(length) + bpf_htonl(IPV6_NEXT_ICMPV6);
}

/*
 * The folded sum over the pseudo-header and `length` bytes of the message, which follows the IPv6
 * header at `at`. 0, which is never right, when the frame is shorter.
 */
__noinline int nd_sum(struct xdp_md *ctx, __u32 at, __u32 length)
{
	void *cursor = (void *)(long)ctx->data + (at & 31);
	void *end = (void *)(long)ctx->data_end;
	struct ipv6_header *ip = cursor;
	__u64 sum = sum_pseudo(length);

	if ((void *)(ip + 1) > end)
		return 0;
	sum = sum_add(sum, ip->source, sizeof(ip->source) + sizeof(ip->destination));
	cursor = ip + 1;
	for (__u32 done = 0; done < ND_LENGTH_MAX && done < length; done += 8, cursor += 8) {
		if (cursor + 8 > end)
			return 0;
		sum = sum_add(sum, cursor, 8);
	}
	return sum_fold(sum);
}

/* The MAC of an option, as a word. */
static __always_inline __u64 option_mac(const struct nd_option *option)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	return *(const __u64 *)(const void *)option >> 16;
#else
	return *(const __u64 *)(const void *)option << 16;
#endif
}

static __always_inline __u64 option_word(enum option_result result)
{
	return (__u64)result << STATE_SHIFT;
}

/*
 * Walks the options of a message: those from byte `begin` to `length` after the IPv6 header at
 * `at`. Returns the MAC in the option `type` with the option_result. RFC 4861 refuses an option
 * without a length, and one that the message does not hold.
 */
__noinline __u64 nd_option(struct xdp_md *ctx, __u32 at, __u32 begin, __u32 length, __u32 type)
{
	void *message = (void *)(long)ctx->data + (at & 31) + sizeof(struct ipv6_header);
	void *end = (void *)(long)ctx->data_end;
	__u64 found = option_word(OPTION_NONE);
	__u32 offset = begin;

	for (int i = 0; i < ND_OPTIONS_MAX; i++) {
		struct nd_option *option;

		if (offset >= length)
			break;
		/* Older verifiers do not compare registers. */
		asm volatile("%0 &= 511" : "+r"(offset));
		option = message + offset;
		if ((void *)(option + 1) > end || !option->length)
			return option_word(OPTION_BAD);
		offset += option->length * 8;
		if (offset > length)
			return option_word(OPTION_BAD);
		if (option->type != type)
			continue;
		if (option->length != 1)
			return option_word(OPTION_BAD);
		if (found != option_word(OPTION_NONE) && found != option_mac(option))
			return option_word(OPTION_UNKNOWN);
		found = option_mac(option);
	}
	return offset < length ? option_word(OPTION_UNKNOWN) : found;
}

/* Where the options begin, or 0 when the message is shorter. */
static __always_inline __u32 nd_options_begin(const struct nd_frame *frame)
{
	if (frame->message->type == ND_ROUTER_SOLICITATION)
		return ND_LENGTH_ROUTER_SOLICITATION;
	return (void *)(frame->message + 1) <= frame->end ? ND_LENGTH_NEIGHBOR : 0;
}

/* What IPv6 and the fixed part of the message must have. `begin` is nd_options_begin(). */
static __always_inline _Bool nd_is_well_formed(const struct nd_frame *frame, __u32 begin)
{
	__u32 length = nd_length(frame);
	struct address6 source = nd_source(frame), target;

	if ((*(__u8 *)frame->ip & 0xf0) != 0x60 || frame->ip->hop_limit != ND_HOP_LIMIT ||
	    frame->message->code)
		return 0;
	/* All options have multiples of eight bytes. */
	if (!begin || length < begin || length % 8)
		return 0;
	if (!address6_is_none(source) && address6_is_bad(source))
		return 0;
	if (frame->message->type == ND_ROUTER_SOLICITATION)
		return 1;
	target = nd_target(frame);
	if (address6_is_bad(target))
		return 0;
	if (frame->message->type == ND_NEIGHBOR_ADVERTISEMENT)
		return !address6_is_none(source) && !(frame->message->flags & ND_FLAG_SOLICITED &&
		                                      address6_is_group(nd_destination(frame)));
	return !address6_is_none(source) || address6_is_solicited(nd_destination(frame));
}

/*
 * Judges a solicitation or an advertisement of a neighbour, or a router solicitation. Returns the
 * MAC of who speaks, as nd_option(), or OPTION_BAD.
 */
static __always_inline __u64 nd_judge(const struct nd_frame *frame)
{
	__u32 begin = nd_options_begin(frame), length = nd_length(frame), type = ND_OPTION_SOURCE;
	__u64 option;

	if (!nd_is_well_formed(frame, begin))
		return option_word(OPTION_BAD);
	if (length > ND_LENGTH_MAX)
		return option_word(OPTION_UNKNOWN);
	if (nd_sum(frame->ctx, frame->at, length) != ND_SUM_RIGHT)
		return option_word(OPTION_BAD);
	if (frame->message->type == ND_NEIGHBOR_ADVERTISEMENT)
		type = ND_OPTION_TARGET;
	option = nd_option(frame->ctx, frame->at, begin, length, type);
	/* Who has no address yet gives no MAC for it. */
	if (binding_state(option) == OPTION_FOUND && address6_is_none(nd_source(frame)))
		return option_word(OPTION_BAD);
	return option;
}

#endif
