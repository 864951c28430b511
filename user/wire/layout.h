/* SPDX-License-Identifier: MIT */
/*
 * The layout: which slot of the table each address has. It holds every prefix of every segment,
 * one after the other, in the order added. Each address of an IPv4 prefix has a slot of its own. An
 * IPv6 prefix is too large for that: its addresses share the sparse slots, which come last.
 */
#ifndef USER_WIRE_LAYOUT_H
#define USER_WIRE_LAYOUT_H

#include "base/base.h"
#include "wire/prefix.h"

#define LAYOUT_NAME_MAX 64 /* with its NUL */

#define LAYOUT_SPARSE UINT32_MAX

struct layout_range {
	struct prefix prefix;
	unsigned segment;           /* index of the segment in the configuration */
	uint32_t base;              /* slot of the prefix's first address; LAYOUT_SPARSE: IPv6 */
	char name[LAYOUT_NAME_MAX]; /* the segment's; "": not known */
};

struct layout {
	struct layout_range *range; /* owned */
	size_t ranges, room;
	uint32_t slots;     /* total */
	uint32_t sparse;    /* of these, the last ones: for IPv6 */
	struct idmap taken; /* for layout_add(): the prefixes, and those around them */
};

/* Adds a prefix. Refuses an IPv4 prefix larger than /8 and more than SLOT_MAX slots in all, with a
 * fault that says how much memory it would take. Refuses an overlap within `segment` (-EEXIST).
 * Segments are broadcast domains of their own: each may have any prefix. */
int layout_add(struct layout *layout, unsigned segment, struct prefix prefix, struct fault *fault);
/* After the last prefix: so many slots for all IPv6 addresses together. Without an IPv6 prefix none
 * is added. -E2BIG: more than SLOT_MAX in all. */
int layout_add_sparse(struct layout *layout, uint32_t slots, struct fault *fault);
/* Names the segment of the ranges added so far. The name identifies a segment when the
 * configuration later puts others before it, perhaps with the same prefixes. */
void layout_name(struct layout *layout, unsigned segment, const char *name);
/* The range that holds `address` in `segment`; NULL if none does. */
const struct layout_range *layout_find(const struct layout *layout, unsigned segment,
                                       struct address address);
/* The slot of an IPv4 address; -1 if it is in no prefix of the segment, or IPv6. */
int64_t layout_slot(const struct layout *layout, unsigned segment, struct address address);
/* The range of an IPv4 slot; NULL if none has it. */
const struct layout_range *layout_range_of(const struct layout *layout, uint32_t slot);
/* The address of a slot of the range. */
static inline struct address layout_address(const struct layout_range *range, uint32_t slot)
{
	return address_plus(range->prefix.network, slot - range->base);
}
/* The first sparse slot. */
static inline uint32_t layout_sparse_from(const struct layout *layout)
{
	return layout->slots - layout->sparse;
}
bool layout_equal(const struct layout *a, const struct layout *b);
/* 0 or -ENOMEM, and then `copy` is empty. */
int layout_copy(struct layout *copy, const struct layout *layout);
void layout_clear(struct layout *layout);

#endif
