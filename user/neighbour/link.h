/* SPDX-License-Identifier: MIT */
/* A segment's link. */
#ifndef USER_NEIGHBOUR_LINK_H
#define USER_NEIGHBOUR_LINK_H

#include "neighbour/types.h"

/* A segment's last link went down: silence proves nothing until its first link is up again, and
 * then every older binding is verified. At start all links are up. */
void neighbour_link(struct neighbour *neighbour, unsigned segment, bool up,
                    const struct neighbour_clock *clock);

#endif
