/* SPDX-License-Identifier: MIT */
/* What the table holds, for reading. Changes nothing. */
#include "neighbour/view.h"

#include <string.h>

#include "neighbour/limits.h"
#include "neighbour/record.h"
#include "neighbour/slots.h"
#include "neighbour/sparse.h"
#include "neighbour/table.h"

static void view_slot(struct neighbour *neighbour, const struct layout_range *range,
                      struct address address, uint32_t slot, struct neighbour_view *view)
{
	union binding binding = table_binding(neighbour, slot);
	bool durable = record_read(neighbour, slot, &neighbour->viewed);

	*view = (struct neighbour_view){
	        .segment = range->segment,
	        .address = address,
	        .slot = slot,
	        .state = binding.state,
	        .mac = binding_mac(binding),
	        .flags = binding.flags,
	        /* Without a binding it is not a time: the program counts requests there. */
	        .seen = state_is_silent(binding.state) ? 0 : table_seen(neighbour, slot),
	        .entry = durable ? &neighbour->viewed.entry : NULL,
	        .foreign = durable && neighbour->viewed.foreign,
	};
}

bool neighbour_view(struct neighbour *neighbour, unsigned segment, struct address address,
                    struct neighbour_view *view)
{
	const struct layout_range *range = layout_find(&neighbour->layout, segment, address);
	int64_t slot = range ? sparse_slot(neighbour, range, address) : -1;

	if (!range)
		return false;
	if (slot < 0)
		*view = (struct neighbour_view){
		        .segment = segment, .address = address, .slot = NEIGHBOUR_NO_SLOT};
	else
		view_slot(neighbour, range, address, (uint32_t)slot, view);
	return true;
}

bool neighbour_next(struct neighbour *neighbour, uint32_t *cursor, uint32_t last,
                    struct neighbour_view *view)
{
	uint32_t slot = *cursor, slots = neighbour->layout.slots;
	uint32_t end = last < slots ? last + 1 : slots;
	const struct layout_range *range;
	struct address address;

	while (slot < end && !neighbour->shadow[slot])
		slot++;
	*cursor = slot;
	if (slot >= end)
		return false;
	++*cursor;
	range = table_place(neighbour, slot, &address);
	view_slot(neighbour, range, address, slot, view);
	return true;
}

void neighbour_totals(const struct neighbour *neighbour, struct neighbour_totals *totals)
{
	memcpy(totals->state, neighbour->count, sizeof(totals->state));
	totals->resolving = 0;
	totals->sponged = neighbour->sponged;
	totals->frozen = neighbour->frozen;
	totals->slots4 = neighbour->layout.slots - neighbour->layout.sparse;
	totals->taken4 = 0;
	for (unsigned state = SLOT_EMPTY + 1; state < SLOT_STATES; state++)
		totals->taken4 += neighbour->count[state] - neighbour->sparse.count[state];
	totals->slots6 = neighbour->sparse.places.room;
	totals->taken6 = neighbour->sparse.places.used;
	totals->declared6 =
	        neighbour->sparse.count[SLOT_STATIC] + neighbour->sparse.count[SLOT_LOCAL];
	totals->refused = limits_refused(neighbour);
	for (unsigned i = 0; i < QUEUES; i++)
		totals->resolving += neighbour->queue[i].count;
}

void neighbour_segment_totals(const struct neighbour *neighbour, unsigned segment,
                              struct neighbour_segment_totals *totals)
{
	const struct segment_state *state = &neighbour->segment[segment];

	memcpy(totals->state, state->count, sizeof(totals->state));
	memcpy(totals->changed, state->changed, sizeof(totals->changed));
}
