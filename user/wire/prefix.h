/* SPDX-License-Identifier: MIT */
/*
 * On-link prefixes, and the layout: which slot of the table an address has.
 * Addresses in host byte order.
 */
#ifndef USER_WIRE_PREFIX_H
#define USER_WIRE_PREFIX_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

#define PREFIX_TEXT sizeof("255.255.255.255/32")

struct prefix {
	uint32_t network; /* host bits are zero */
	uint8_t length;   /* 0..32 */
};

/* "10.0.0.0/16", or a bare address (/32). Host bits set: an error that names the prefix meant. */
int prefix_parse(struct prefix *prefix, const char *text, struct fault *fault);
char *prefix_format(char text[PREFIX_TEXT], struct prefix prefix);
uint32_t prefix_mask(struct prefix prefix);
/* The prefix of this length (0..32) that holds the address. */
struct prefix prefix_around(uint32_t address, uint8_t length);
bool prefix_contains(struct prefix prefix, uint32_t address);
bool prefix_overlaps(struct prefix a, struct prefix b);
uint64_t prefix_size(struct prefix prefix); /* addresses, including network and broadcast */
/* Whether a host may have this address: not the prefix's network or broadcast address
 * (RFC 919; prefixes of /31 and /32 have none, RFC 3021), nor multicast, 0/8, 127/8. */
bool prefix_is_host(struct prefix prefix, uint32_t address);

#define LAYOUT_NAME_MAX 64 /* with its NUL */

/* The layout: every prefix of every segment, one after the other, in the order added. */
struct layout_range {
	struct prefix prefix;
	unsigned segment;           /* index of the segment in the configuration */
	uint32_t base;              /* slot of the prefix's first address */
	char name[LAYOUT_NAME_MAX]; /* the segment's; "": not told */
};

struct layout {
	struct layout_range *range; /* owned */
	size_t ranges;
	uint32_t slots; /* total */
};

/* Adds a prefix. Refused, with a fault that says how much memory it would take: a prefix
 * larger than /8, or more than SLOT_MAX slots in all; and an overlap within `segment`
 * (-EEXIST). Segments are broadcast domains of their own: each may have any prefix. */
int layout_add(struct layout *layout, unsigned segment, struct prefix prefix, struct fault *fault);
/* By its name a segment is known again when the configuration names others before it, which may
 * have the same prefixes. For the ranges that were added so far. */
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
void layout_clear(struct layout *layout);

#endif
