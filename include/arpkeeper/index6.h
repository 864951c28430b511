/* SPDX-License-Identifier: MIT OR GPL-2.0-only */
/*
 * The index of IPv6 addresses, the map `neigh_index6`: which slot of the table an address has. An
 * array whose elements are cache lines, memory-mapped by the agent:
 *
 *     [0]        the header
 *     [1 ..]     lines of two entries each, a power of two and at least as many as there are slots
 *
 * An address is in one of two lines, which its hash names. The agent puts it into the first if that
 * has room, and else moves others out of the way, so that half of all entries can be in use. (A
 * look-up in the kernel's hash map costs a frame four to five cache misses for a random address.
 * This costs one, which overlaps with the frame's other work.)
 *
 * Only the agent writes, while programs read:
 *
 * - `leads` is one word, loaded and stored whole. It is 0 while the entry is free or is written,
 *   and is stored last. So no program meets half of an address.
 * - A program reads `leads` before and after the address, and believes an entry only if both are
 *   the same. So it never takes the address of one holder with the slot of another: between them
 *   an entry has no slot. For the same word to come back with another address, the slot would have
 *   to be another address's within the nanoseconds between the two loads. But a slot that is given
 *   back is the last of all free ones to be taken again (wire/places.h). A processor may load in
 *   another order (arm64). Then an address could meet the slot of the holder before it, which is
 *   empty before it is given back: the frame passes.
 * - An entry that moves is in both of its lines for a moment, with the same slot. A program that
 *   looked into the first before and into the second after that does not find it: then the frame
 *   passes, as that of an unknown address.
 */
#ifndef ARPKEEPER_INDEX6_H
#define ARPKEEPER_INDEX6_H

#include <linux/types.h>

#define INDEX6_FORMAT 1 /* of another one, an agent reads nothing */
#define INDEX6_WAYS   2

struct index6_entry {
	__u64 high, low; /* the address, in wire order */
	__u64 leads;     /* index6_leads(); 0: free */
};

/* The value of the map. */
union index6_line {
	struct {
		__u32 format;
		__u32 mask; /* the number of lines, minus one */
		/* Odd and random, so that no station can choose addresses that share lines. */
		__u64 multiplier[2];
		__u32 places; /* addresses that it may have: the agent's, as the next */
		__u32 used;
	} header;
	struct index6_entry entry[INDEX6_WAYS];
	__u64 word[8]; /* as long as a cache line */
};

/* What an entry says of its address. */
static inline __u64 index6_leads(__u32 segment, __u32 slot)
{
	return (__u64)(segment + 1) << 32 | slot;
}

/* Its upper half depends on all bits of the address. */
static inline __u64 index6_hash(const union index6_line *header, __u32 segment, __u64 high,
                                __u64 low)
{
	__u64 hash = low * header->header.multiplier[0];

	hash ^= hash >> 32;
	/* Segments and networks are often counted alike: so the segment has other bits here. */
	hash ^= high ^ segment * 0x9e3779b97f4a7c15ULL;
	return hash * header->header.multiplier[1];
}

/* The two elements in which an address of that hash can be. They differ. */
static inline __u32 index6_first(const union index6_line *header, __u64 hash)
{
	return 1 + ((__u32)(hash >> 32) & header->header.mask);
}

static inline __u32 index6_second(const union index6_line *header, __u64 hash)
{
	__u32 other = ((hash ^ hash >> 32) * header->header.multiplier[0]) >> 32;

	return 1 + (((__u32)(hash >> 32) ^ (other | 1)) & header->header.mask);
}

#endif
