/* SPDX-License-Identifier: MIT */
/* Slots and addresses, either way. Which addresses lose their slots for others is sparse.c's. */
#include "neighbour/place.h"

#include "neighbour/limits.h"
#include "neighbour/slots.h"
#include "neighbour/sparse.h"
#include "neighbour/table.h"

int64_t neighbour_slot(const struct neighbour *neighbour, unsigned segment, struct address address)
{
	const struct layout_range *range = layout_find(&neighbour->layout, segment, address);

	return range ? sparse_slot(neighbour, range, address) : -1;
}

bool neighbour_place(const struct neighbour *neighbour, uint32_t slot, unsigned *segment,
                     struct address *address)
{
	if (!slot_is_taken(neighbour, slot))
		return false;
	*segment = table_place(neighbour, slot, address)->segment;
	return true;
}

int64_t neighbour_take(struct neighbour *neighbour, unsigned segment, struct address address,
                       enum neighbour_need need, const struct neighbour_clock *clock)
{
	const struct layout_range *range = layout_find(&neighbour->layout, segment, address);
	int64_t slot = range ? sparse_slot(neighbour, range, address) : -1;

	if (slot >= 0 || !range || !prefix_is_host(range->prefix, address) ||
	    neighbour->policy[segment].learn == NEIGHBOUR_UNTAUGHT)
		return slot;
	slot = sparse_take_for(neighbour, range, address, need, clock);
	if (slot < 0 && need == NEIGHBOUR_HEARD)
		limits_no_slot(neighbour, segment, address);
	return slot;
}
