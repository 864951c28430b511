/* SPDX-License-Identifier: MIT */
/* Which slot an address has. An IPv4 address has its own. An IPv6 address takes one of the sparse
 * slots while something is known of it, and loses it when nothing is. */
#ifndef USER_NEIGHBOUR_PLACE_H
#define USER_NEIGHBOUR_PLACE_H

#include "neighbour/types.h"

#define NEIGHBOUR_NO_SLOT UINT32_MAX

/* -1: it is in no prefix of the segment, or it is IPv6, and nothing is known of it. */
int64_t neighbour_slot(const struct neighbour *neighbour, unsigned segment, struct address address);
/* The address that has the slot now; false: none has. */
bool neighbour_place(const struct neighbour *neighbour, uint32_t slot, unsigned *segment,
                     struct address *address);
/* What a slot is taken for. If all are taken, an address with less worth loses its own: one of
 * which only its silence is remembered, then a DEAD one, for a host that was heard also a STALE
 * one. */
enum neighbour_need { NEIGHBOUR_ASKED, NEIGHBOUR_HEARD };
/* The slot that the address has, or takes, for neighbour_asked() or neighbour_heard(), which must
 * follow. -1: none is left for that, or policy would do nothing with it. */
int64_t neighbour_take(struct neighbour *neighbour, unsigned segment, struct address address,
                       enum neighbour_need need, const struct neighbour_clock *clock);

#endif
