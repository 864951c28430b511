/* SPDX-License-Identifier: MIT */
/* What is due, over all queries: those that ended, requests to send, and the time of the next call.
 */
#include "neighbour/tick.h"

#include "neighbour/contest.h"
#include "neighbour/limits.h"
#include "neighbour/machine.h"
#include "neighbour/queries.h"
#include "neighbour/reconcile.h"
#include "neighbour/slots.h"

#define SECOND_MS 1000

/* Ends the queries whose host spoke, or was silent to the end. */
static void collect(struct neighbour *neighbour, struct queue *queue,
                    const struct neighbour_clock *clock)
{
	const struct query *queries = queue->query;

	/* Backwards: the last query, already done, takes the place of one that ends. */
	for (unsigned i = queue->count; i-- > 0;) {
		const struct query *query = &queries[i];
		uint32_t slot = query->slot;
		bool spoke = query_has_spoken(neighbour, query);

		if (!spoke && !query_is_silent(query, clock->now_ms))
			continue;
		reconcile_slot(neighbour, slot, clock);
		if (query_find(neighbour, slot))
			machine_pass(neighbour, spoke ? SPOKE : SILENT, slot, clock);
	}
}

uint32_t neighbour_tick(struct neighbour *neighbour, const struct neighbour_clock *clock)
{
	uint64_t wait = SECOND_MS;

	limits_tick(neighbour, clock);
	for (unsigned i = 0; i < QUEUES; i++)
		collect(neighbour, &neighbour->queue[i], clock);
	contest_tick(neighbour, clock);
	/* Resolving first: a host waits for it. */
	for (unsigned i = 0; i < QUEUES; i++)
		queries_send(neighbour, &neighbour->queue[i], clock->now_ms);
	for (unsigned i = 0; i < QUEUES; i++) {
		uint64_t until = queries_wait(neighbour, &neighbour->queue[i], clock->now_ms);

		if (until < wait)
			wait = until;
	}
	return wait ? (uint32_t)wait : 1;
}
