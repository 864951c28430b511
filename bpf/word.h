/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * MAC addresses and bindings as 64-bit words, laid out as `union binding` is in memory: the MAC in
 * the first six bytes, then state and flags. MACs from a frame and from a slot compare with one
 * instruction.
 *
 * Loads here are unaligned. The verifier takes that where the machine does it well (x86, arm64,
 * s390x, ppc64).
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

/* Reads eight bytes: two more than the MAC has must be readable. */
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

/* A MAC that no station has: zero, multicast, broadcast. */
static __always_inline _Bool mac_is_bad(__u64 mac)
{
	return !mac || mac & MAC_GROUP;
}

/* The only way that a slot's binding is read: whole, once. */
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

/* Whether the word says where the address is: the MAC of a dead one is the sponge's. */
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

/* Every frame of a second would store the same value: that would only move cache lines about. */
static __always_inline void second_store(__u32 *at, __u32 second)
{
	volatile __u32 *stamp = at;

	if (*stamp != second)
		*stamp = second;
}

#endif
