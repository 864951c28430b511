/* SPDX-License-Identifier: MIT */
/*
 * A segment's link. While it is down nothing is asked, and silence proves nothing: requests in
 * flight end without conclusion. When it is up again, older bindings are verified by the scan, as
 * its bounds allow: here is only the time from which on a binding counts as heard.
 */
#include "neighbour/link.h"

#include "neighbour/machine.h"
#include "neighbour/queries.h"
#include "neighbour/reconcile.h"

static void end_queries(struct neighbour *neighbour, struct queue *queue, unsigned segment,
                        const struct neighbour_clock *clock)
{
	/* Backwards: the last query, already done, takes the place of one that ends. */
	for (unsigned i = queue->count; i-- > 0;) {
		uint32_t slot = queue->slot[i];

		if (layout_range_of(&neighbour->layout, slot)->segment != segment)
			continue;
		reconcile_slot(neighbour, slot, clock);
		if (query_find(neighbour, slot))
			machine_pass(neighbour, LINK_DOWN, slot, clock);
	}
}

void neighbour_link(struct neighbour *neighbour, unsigned segment, bool up,
                    const struct neighbour_clock *clock)
{
	struct segment_state *link;

	if (segment >= neighbour->segments || neighbour->segment[segment].down == !up)
		return;
	link = &neighbour->segment[segment];
	link->down = !up;
	if (up)
		link->up_since = clock->now;
	for (unsigned i = 0; !up && i < QUEUES; i++)
		end_queries(neighbour, &neighbour->queue[i], segment, clock);
}
