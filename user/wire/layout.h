/* SPDX-License-Identifier: MIT */
/*
 * The layout: which slot of the table each address has. It holds every prefix of every segment,
 * one after the other, in the order added. Addresses are in host byte order.
 */
#ifndef USER_WIRE_LAYOUT_H
#define USER_WIRE_LAYOUT_H

#include "base/base.h"
#include "wire/address.h"

#define LAYOUT_NAME_MAX 64 /* with its NUL */

struct layout_range {
	struct prefix prefix;
	unsigned segment;           /* index of the segment in the configuration */
	uint32_t base;              /* slot of the prefix's first address */
	char name[LAYOUT_NAME_MAX]; /* the segment's; "": not known */
};

struct layout {
	struct layout_range *range; /* owned */
	size_t ranges, room;
	uint32_t slots;     /* total */
	struct idmap taken; /* for layout_add(): the prefixes, and those around them */
};

/* Adds a prefix. Refuses a prefix larger than /8 and more than SLOT_MAX slots in all, with a fault
 * that says how much memory it would take. Refuses an overlap within `segment` (-EEXIST). Segments
 * are broadcast domains of their own: each may have any prefix. */
int layout_add(struct layout *layout, unsigned segment, struct prefix prefix, struct fault *fault);
/* Names the segment of the ranges added so far. The name identifies a segment when the
 * configuration later puts others before it, perhaps with the same prefixes. */
void layout_name(struct layout *layout, unsigned segment, const char *name);
/* The range that holds `address` in `segment`; NULL if none does. */
const struct layout_range *layout_find(const struct layout *layout, unsigned segment,
                                       uint32_t address);
/* The slot of `address`; -1 if it is in no prefix of the segment. */
int64_t layout_slot(const struct layout *layout, unsigned segment, uint32_t address);
/* The range of a slot; NULL if none has it. */
const struct layout_range *layout_range_of(const struct layout *layout, uint32_t slot);
/* The address of a slot of the range. */
static inline uint32_t layout_address(const struct layout_range *range, uint32_t slot)
{
	return range->prefix.network + (slot - range->base);
}
bool layout_equal(const struct layout *a, const struct layout *b);
/* 0 or -ENOMEM, and then `copy` is empty. */
int layout_copy(struct layout *copy, const struct layout *layout);
void layout_clear(struct layout *layout);

#endif
