/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * IPv6 addresses as two words in wire order, and the addresses that have a meaning. Loads are
 * unaligned, as in word.h.
 */
#ifndef BPF_ADDRESS_H
#define BPF_ADDRESS_H

#include <linux/types.h>

#include <bpf/bpf_endian.h>
#include <bpf/bpf_helpers.h>

struct address6 {
	__be64 high, low;
};

#define LOW_24        bpf_cpu_to_be64(0xffffffULL)
#define LINK_GROUPS   bpf_cpu_to_be64(0xff02000000000000ULL)
#define SOLICITED_LOW bpf_cpu_to_be64(0x00000001ff000000ULL)
#define ALL_NODES_LOW bpf_cpu_to_be64(1)

static __always_inline struct address6 address6_load(const void *at)
{
	const __be64 *word = at;

	return (struct address6){word[0], word[1]};
}

static __always_inline void address6_store(void *at, struct address6 address)
{
	__be64 *word = at;

	word[0] = address.high;
	word[1] = address.low;
}

static __always_inline _Bool address6_equal(struct address6 a, struct address6 b)
{
	return a.high == b.high && a.low == b.low;
}

static __always_inline _Bool address6_is_none(struct address6 address)
{
	return !address.high && !address.low;
}

static __always_inline _Bool address6_is_group(struct address6 address)
{
	const __be64 group = bpf_cpu_to_be64(0xff00000000000000ULL);

	return (address.high & group) == group;
}

/* An IPv4 address in IPv6's clothes: to the agent it would be that IPv4 address. */
static __always_inline _Bool address6_is_mapped(struct address6 address)
{
	const __be64 prefix = bpf_cpu_to_be64(0xffffffff00000000ULL);

	return !address.high && (address.low & prefix) == bpf_cpu_to_be64(0x0000ffff00000000ULL);
}

/* An address that no host can have. */
static __always_inline _Bool address6_is_bad(struct address6 address)
{
	return address6_is_none(address) || address6_is_group(address) ||
	       address6_is_mapped(address);
}

/* The group to which solicitations for the address go (RFC 4291 2.7.1). */
static __always_inline struct address6 address6_solicited(struct address6 address)
{
	return (struct address6){LINK_GROUPS, SOLICITED_LOW | (address.low & LOW_24)};
}

static __always_inline _Bool address6_is_solicited(struct address6 address)
{
	return address6_equal(address, address6_solicited(address));
}

#endif
