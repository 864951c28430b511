/* SPDX-License-Identifier: MIT */
/* The sponge: dead addresses that are asked for again and again are answered for. */
#include "neighbour/internal.h"

void neighbour_sponged(struct neighbour *neighbour, uint32_t slot, uint32_t holder,
                       struct mac holder_mac, const struct neighbour_clock *clock)
{
	(void)neighbour;
	(void)slot;
	(void)holder;
	(void)holder_mac;
	(void)clock;
}

void neighbour_sponge_at(struct neighbour *neighbour, unsigned segment, struct mac mac)
{
	neighbour->policy[segment].sponge_mac = mac;
}
