/* SPDX-License-Identifier: MIT */
/* The sponge: which hosts got its MAC, and which MAC it is. */
#ifndef USER_NEIGHBOUR_SPONGE_H
#define USER_NEIGHBOUR_SPONGE_H

#include "neighbour/types.h"

/* `holder` got the sponge's MAC for the slot's address. */
void neighbour_sponged(struct neighbour *neighbour, uint32_t slot, uint32_t holder,
                       struct mac holder_mac, const struct neighbour_clock *clock);
/* The sponge's MAC from now on: policy's was zero, or it changed. */
void neighbour_sponge_at(struct neighbour *neighbour, unsigned segment, struct mac mac);

#endif
