/* SPDX-License-Identifier: MIT */
/*
 * Floors. An operator's word must be later than every claim that its address ever had in a branch
 * held here, also one that no longer stands. Mostly the own clock is later anyway. A floor is kept
 * only for an address where a time was ahead of the own clock, and only until the clock has passed
 * it. So there are none, unless another node's clock is ahead.
 *
 * The caller keeps floors over restarts: before it stores the tips that raised them, it stores what
 * fleet_each_floor() gives; at a start it gives them back with fleet_raise().
 */
#ifndef USER_FLEET_FLOORS_H
#define USER_FLEET_FLOORS_H

#include <stddef.h>
#include <stdint.h>

#include "fleet/types.h"
#include "wire/wire.h"

/* The own clock, Unix seconds. Never goes back: an earlier time is ignored. The caller passes the
 * later one of the wall clock and the time of its newest own claim. Forgets floors that are past.
 */
void fleet_clock(struct fleet *fleet, int64_t now);

/* The floor is at least `time` there, which a claim had that no longer stands. 0, -ENOMEM, or
 * -EINVAL for a time or a segment out of range. */
int fleet_raise(struct fleet *fleet, unsigned segment, struct address address, int64_t time);

/* The floor there; 0: none that is ahead of the clock. */
int64_t fleet_floor(const struct fleet *fleet, unsigned segment, struct address address);

/* Called for a floor. Anything but 0 ends the walk, which returns it. */
typedef int fleet_floor_fn(void *context, unsigned segment, struct address address, int64_t floor);
int fleet_each_floor(const struct fleet *fleet, fleet_floor_fn *fn, void *context);
size_t fleet_floors(const struct fleet *fleet); /* kept; some of them may be past */

#endif
