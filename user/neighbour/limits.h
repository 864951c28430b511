/* SPDX-License-Identifier: MIT */
/* How much is learned, and from which MAC. */
#ifndef USER_NEIGHBOUR_LIMITS_H
#define USER_NEIGHBOUR_LIMITS_H

#include "neighbour/machine.h"

/* 0 or -ENOMEM. */
int limits_init(struct neighbour *neighbour);
void limits_free(struct neighbour *neighbour);
/* A slot's binding changes; goes with every table_put(). */
void limits_change(struct neighbour *neighbour, unsigned segment, uint32_t address,
                   union binding before, union binding after);
/* Whether the segment may have one more learned address. A refused sender is counted, with an
 * alert. */
bool limits_may_learn(struct neighbour *neighbour, const struct cause *cause);
/* The same for the queue of claims and contests. */
bool limits_may_prove(struct neighbour *neighbour, const struct cause *cause);
uint64_t limits_refused(const struct neighbour *neighbour);
/* Counts the addresses of a MAC that may have too many. */
void limits_tick(struct neighbour *neighbour, const struct neighbour_clock *clock);

#endif
