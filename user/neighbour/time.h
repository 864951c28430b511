/* SPDX-License-Identifier: MIT */
/* What time does: to queries, and to every slot. */
#ifndef USER_NEIGHBOUR_TIME_H
#define USER_NEIGHBOUR_TIME_H

#include "neighbour/types.h"

/* Runs what is due: requests, verifications, expiries. Returns the milliseconds until the next
 * call, at most 1000. */
uint32_t neighbour_tick(struct neighbour *neighbour, const struct neighbour_clock *clock);

/* Looks at the next `count` slots, round the table: ageing, the end of DEAD, external changes. */
void neighbour_scan(struct neighbour *neighbour, uint32_t count,
                    const struct neighbour_clock *clock);

#endif
