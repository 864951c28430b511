/* SPDX-License-Identifier: MIT */
/* Addresses that move too often are frozen (RFC 9161 3.7, RFC 7432 15.1). */
#ifndef USER_NEIGHBOUR_DUPLICATE_H
#define USER_NEIGHBOUR_DUPLICATE_H

#include "neighbour/machine.h"

/* Counts one more move, in the record that follows. True: it is one too many. */
bool duplicate_count(const struct cause *cause, const struct record *before, struct record *after);
bool duplicate_is_frozen(const struct neighbour *neighbour, uint32_t slot);
/* A frozen slot: whether its time is over. */
void duplicate_look(struct neighbour *neighbour, uint32_t slot,
                    const struct neighbour_clock *clock);
/* It moves again as any other. */
action duplicate_thaw;

#endif
