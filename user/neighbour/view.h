/* SPDX-License-Identifier: MIT */
/* What the table holds, for reading. */
#ifndef USER_NEIGHBOUR_VIEW_H
#define USER_NEIGHBOUR_VIEW_H

#include "arpkeeper/slot.h"
#include "neighbour/types.h"

/* What the table holds for an address; the view is valid until the next call. */
struct neighbour_view {
	unsigned segment;
	struct address address;
	uint32_t slot; /* NEIGHBOUR_NO_SLOT: an unknown IPv6 address has none */
	enum slot_state state;
	struct mac mac;
	uint8_t flags;
	uint32_t seen;             /* coarse seconds; 0: never */
	const struct entry *entry; /* the durable part; NULL: none, or a STALE one that is kept
	                              (keep.h) */
	bool foreign;              /* another node's */
};
/* False: the address is in no prefix of the segment. An unknown address is SLOT_EMPTY. */
bool neighbour_view(struct neighbour *neighbour, unsigned segment, struct address address,
                    struct neighbour_view *view);
/* The first non-empty slot from *cursor, which begins with 0, to `last`. False: none; then *cursor
 * is the slot after `last`. */
bool neighbour_next(struct neighbour *neighbour, uint32_t *cursor, uint32_t last,
                    struct neighbour_view *view);

struct neighbour_totals {
	uint32_t state[SLOT_STATES];
	uint32_t resolving; /* addresses with requests in flight, verifications included */
	uint32_t sponged;   /* DEAD ones that the program answers for */
	uint32_t frozen;    /* learned ones that moved too often */
	uint32_t slots4;    /* one for each IPv4 address of the prefixes, */
	uint32_t taken4;    /* of so many of which something is known */
	uint32_t slots6;    /* for IPv6 addresses, */
	uint32_t taken6;    /* of which so many have one, */
	uint32_t declared6; /* and so many keep it: declared, or the host's own */
	uint64_t refused;   /* senders not learned for want of room, since the start */
};
/* What a segment has, and how often its addresses changed, by task, since the table was taken over.
 */
struct neighbour_segment_totals {
	uint32_t state[SLOT_STATES]; /* but for SLOT_EMPTY */
	uint64_t changed[TASK_KINDS];
};
void neighbour_segment_totals(const struct neighbour *neighbour, unsigned segment,
                              struct neighbour_segment_totals *totals);
void neighbour_totals(const struct neighbour *neighbour, struct neighbour_totals *totals);

#endif
