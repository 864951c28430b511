/* SPDX-License-Identifier: MIT */
/*
 * A segment's link. While it is down nothing is asked, and silence proves nothing: what is in
 * flight ends without conclusion. When it is up again, what was heard before is to be verified,
 * which the scan does by and by, as its bounds allow: here is only the time from which on it
 * counts.
 */
#include "neighbour/internal.h"

static void end_queries(struct neighbour *neighbour, struct queue *queue, unsigned segment,
                        const struct neighbour_clock *clock)
{
	/* Backwards: a query that ends is replaced by the last, which was looked at already. */
	for (unsigned i = queue->count; i-- > 0;) {
		uint32_t slot = queue->slot[i];

		if (layout_range_of(&neighbour->layout, slot)->segment != segment)
			continue;
		scan_reconcile(neighbour, slot, clock);
		if (query_find(neighbour, slot))
			machine_pass(neighbour, LINK_DOWN, slot, clock);
	}
}

void neighbour_link(struct neighbour *neighbour, unsigned segment, bool up,
                    const struct neighbour_clock *clock)
{
	struct segment *link;

	if (segment >= neighbour->segments || neighbour->segment[segment].down == !up)
		return;
	link = &neighbour->segment[segment];
	link->down = !up;
	if (up)
		link->up_since = clock->now;
	for (unsigned i = 0; !up && i < QUEUES; i++)
		end_queries(neighbour, &neighbour->queue[i], segment, clock);
}
