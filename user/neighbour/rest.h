/* SPDX-License-Identifier: MIT */
/* After a conflict an address rests: it is not contested at once again. */
#ifndef USER_NEIGHBOUR_REST_H
#define USER_NEIGHBOUR_REST_H

#include "neighbour/machine.h"

void rest_begin(struct neighbour *neighbour, uint32_t slot, uint32_t now);
bool rest_lasts(const struct neighbour *neighbour, uint32_t slot, uint32_t now);
/* It lasts, or is over and the last claimant waits for its turn. */
bool rest_matters(const struct neighbour *neighbour, uint32_t slot, uint32_t now);
/* If it lasts, the sender's claim is kept until the rest is over: the address may have moved to
 * it, and it says so only now. */
bool rest_keeps(struct neighbour *neighbour, const struct cause *cause);
/* Where the rest is over, the last claimant gets its turn. */
void rest_tick(struct neighbour *neighbour, const struct neighbour_clock *clock);

#endif
