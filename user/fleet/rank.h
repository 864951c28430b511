/* SPDX-License-Identifier: MIT */
/*
 * Which node of a wire claims an address first. Each node that hears a new host waits its rank
 * times a fixed time, so that mostly one of them claims it. By rendezvous hashing (highest random
 * weight, Thaler and Ravishankar 1998) each node finds its rank alone; the addresses of one that
 * leaves are spread over the others.
 */
#ifndef USER_FLEET_RANK_H
#define USER_FLEET_RANK_H

#include <stddef.h>

#include "wire/wire.h"

/* How many of the other nodes come before `own`: 0 is the first. Names that equal `own` do not
 * count. The same on every machine. */
unsigned fleet_rank(const char *segment, struct address address, const char *own,
                    const char *const *nodes, size_t count);

#endif
