/* SPDX-License-Identifier: MIT */
/* The scan of the table. */
#ifndef USER_NEIGHBOUR_SCAN_H
#define USER_NEIGHBOUR_SCAN_H

#include "neighbour/types.h"

/* Looks at the next `count` slots, round the table: ageing, the end of DEAD, external changes. */
void neighbour_scan(struct neighbour *neighbour, uint32_t count,
                    const struct neighbour_clock *clock);

#endif
