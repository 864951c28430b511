/* SPDX-License-Identifier: MIT */
/* A segment's link: while it is down nothing is asked, and silence proves nothing. */
#include "neighbour/internal.h"

void neighbour_link(struct neighbour *neighbour, unsigned segment, bool up,
                    const struct neighbour_clock *clock)
{
	(void)neighbour;
	(void)segment;
	(void)up;
	(void)clock;
}
