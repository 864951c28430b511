/* SPDX-License-Identifier: MIT */
/* What is due. */
#ifndef USER_NEIGHBOUR_TICK_H
#define USER_NEIGHBOUR_TICK_H

#include "neighbour/types.h"

/* Runs what is due: requests, verifications, expiries. Returns the milliseconds until the next
 * call, at most 1000. */
uint32_t neighbour_tick(struct neighbour *neighbour, const struct neighbour_clock *clock);

#endif
