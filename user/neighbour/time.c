/* SPDX-License-Identifier: MIT */
/*
 * What time does. The tick ends queries, sends requests, and says when it is due again. The scan
 * goes round the table and looks for ageing, the end of DEAD, and slots that another program wrote
 * (reconcile.c); the ordinary case, nothing to do, is two loads and a comparison a slot.
 */
#include "neighbour/time.h"

#include "neighbour/dead.h"
#include "neighbour/duplicate.h"
#include "neighbour/machine.h"
#include "neighbour/queries.h"
#include "neighbour/reconcile.h"
#include "neighbour/record.h"
#include "neighbour/rest.h"
#include "neighbour/slots.h"
#include "neighbour/sparse.h"
#include "neighbour/table.h"

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
		sparse_settle(neighbour, slot, clock);
	}
}

uint32_t neighbour_tick(struct neighbour *neighbour, const struct neighbour_clock *clock)
{
	uint64_t wait = SECOND_MS;

	for (unsigned i = 0; i < QUEUES; i++)
		collect(neighbour, &neighbour->queue[i], clock);
	rest_tick(neighbour, clock);
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

/* STALE with a contest: its query decides. */
static bool is_contested(const struct neighbour *neighbour, uint32_t slot)
{
	const struct query *query = query_find(neighbour, slot);

	return query && query->contest;
}

/* What time did to an address. */
static void look(struct neighbour *neighbour, uint32_t slot, uint32_t timeout,
                 const struct neighbour_clock *clock)
{
	uint32_t seen = table_seen(neighbour, slot);

	if (table_binding(neighbour, slot).flags & SLOT_FROZEN)
		duplicate_look(neighbour, slot, clock);
	switch (table_binding(neighbour, slot).state) {
	case SLOT_DYNAMIC:
		if (table_age(seen, clock->now) > timeout && !record_is_foreign(neighbour, slot))
			machine_pass(neighbour, AGED, slot, clock);
		break;
	case SLOT_STALE: /* its query is under way; or it was loaded so, and the host may have
	                    spoken to the XDP program while no agent ran, and needs no request */
		if (seen && table_age(seen, clock->now) <= timeout) {
			if (!is_contested(neighbour, slot))
				machine_pass(neighbour, SPOKE, slot, clock);
		} else if (queries_have_room(neighbour, QUEUE_VERIFY)) {
			machine_pass(neighbour, AGED, slot, clock);
		}
		break;
	case SLOT_DEAD:
		dead_look(neighbour, slot, clock);
		break;
	default:
		break;
	}
}

/* What was last seen before the link came up is as good as silent since. */
static uint32_t timeout_of(const struct neighbour *neighbour, unsigned segment, uint32_t now)
{
	uint32_t timeout = neighbour->policy[segment].timeout;
	uint32_t up = now - neighbour->segment[segment].up_since;

	return up < timeout ? up : timeout;
}

static void scan_span(struct neighbour *neighbour, uint32_t from, uint32_t to, unsigned segment,
                      const struct neighbour_clock *clock)
{
	uint32_t timeout = timeout_of(neighbour, segment, clock->now);
	bool down = neighbour->segment[segment].down;

	for (uint32_t slot = from; slot < to; slot++) {
		uint64_t word = table_load(neighbour, slot);

		if (word != neighbour->shadow[slot])
			reconcile_slot(neighbour, slot, clock);
		else if (!word)
			continue;
		if (!down)
			look(neighbour, slot, timeout, clock);
	}
}

/* Each sparse slot may be another segment's, or free. */
static void scan_sparse(struct neighbour *neighbour, uint32_t from, uint32_t to,
                        const struct neighbour_clock *clock)
{
	for (uint32_t slot = from; slot < to; slot++) {
		if (!slot_is_taken(neighbour, slot))
			continue;
		scan_span(neighbour, slot, slot + 1, table_segment(neighbour, slot), clock);
		sparse_settle(neighbour, slot, clock);
	}
}

/* Looks at those from the cursor on that go together, at most so many; returns their number. */
static uint32_t scan_part(struct neighbour *neighbour, uint32_t count,
                          const struct neighbour_clock *clock)
{
	uint32_t from = neighbour->cursor, span = neighbour->layout.slots - from;
	bool sparse = slot_is_sparse(neighbour, from);
	const struct layout_range *range = NULL;

	if (!sparse) {
		range = layout_range_of(&neighbour->layout, from);
		span = range->base + (uint32_t)prefix_size(range->prefix) - from;
	}
	span = span < count ? span : count;
	if (sparse)
		scan_sparse(neighbour, from, from + span, clock);
	else
		scan_span(neighbour, from, from + span, range->segment, clock);
	return span;
}

void neighbour_scan(struct neighbour *neighbour, uint32_t count,
                    const struct neighbour_clock *clock)
{
	uint32_t slots = neighbour->layout.slots;

	if (count > slots)
		count = slots;
	while (count) {
		uint32_t done = scan_part(neighbour, count, clock);

		count -= done;
		neighbour->cursor = neighbour->cursor + done < slots ? neighbour->cursor + done : 0;
	}
}
