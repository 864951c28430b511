/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * MAC addresses and bindings as 64-bit words, in the memory layout of `union binding`: the MAC in
 * the first six bytes, then state and flags. One instruction compares the MAC of a frame with that
 * of a slot.
 *
 * Loads here are unaligned. The verifier allows that on machines that do it well (x86, arm64,
 * s390x, ppc64): tests/bpf/test_align.c, which `make test-arch` also runs on an arm64 kernel.
 */
#ifndef BPF_WORD_H
#define BPF_WORD_H

#include <linux/types.h>

#include <bpf/bpf_helpers.h>

#include "arpkeeper/slot.h"

#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define MAC_MASK    0x0000ffffffffffffULL
#define MAC_GROUP   0x0000000000000001ULL
#define STATE_SHIFT 48
#define FLAGS_SHIFT 56
#else
#define MAC_MASK    0xffffffffffff0000ULL
#define MAC_GROUP   0x0100000000000000ULL
#define STATE_SHIFT 8
#define FLAGS_SHIFT 0
#endif

#define MAC_BROADCAST MAC_MASK

/* Reads eight bytes: the two bytes after the MAC must be readable. */
static __always_inline __u64 mac_load(const void *at)
{
	return *(const __u64 *)at & MAC_MASK;
}

/* Writes six bytes. */
static __always_inline void mac_store(void *at, __u64 mac)
{
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	*(__u32 *)at = (__u32)mac;
	*(__u16 *)(at + 4) = (__u16)(mac >> 32);
#else
	*(__u32 *)at = (__u32)(mac >> 32);
	*(__u16 *)(at + 4) = (__u16)(mac >> 16);
#endif
}

/* An IPv4 address in network byte order, as events have addresses: ::ffff:a.b.c.d. */
static __always_inline void address_store4(__u8 at[16], __be32 address)
{
	__u32 *word = (__u32 *)at;

	word[0] = 0;
	word[1] = 0;
#if __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
	word[2] = 0xffff0000;
#else
	word[2] = 0x0000ffff;
#endif
	word[3] = address;
}

/* A MAC that a station cannot have: zero, multicast, broadcast. */
static __always_inline _Bool mac_is_bad(__u64 mac)
{
	return !mac || mac & MAC_GROUP;
}

/* The only way to read a slot's binding: whole, once. */
static __always_inline __u64 binding_load(const struct neigh_slot *slot)
{
	return *(const volatile __u64 *)&slot->binding;
}

static __always_inline __u8 binding_state(__u64 binding)
{
	return binding >> STATE_SHIFT;
}

static __always_inline __u8 binding_flags(__u64 binding)
{
	return binding >> FLAGS_SHIFT;
}

/* Whether the word names the address's holder. The MAC of a dead address is the sponge's. */
static __always_inline _Bool binding_is_held(__u64 binding)
{
	switch (binding_state(binding)) {
	case SLOT_DYNAMIC:
	case SLOT_STATIC:
	case SLOT_LOCAL:
	case SLOT_STALE:
		return 1;
	default:
		return 0;
	}
}

/* Skips a store of the same value, which would only move cache lines between CPUs. */
static __always_inline void second_store(__u32 *at, __u32 second)
{
	volatile __u32 *stamp = at;

	if (*stamp != second)
		*stamp = second;
}

#endif
