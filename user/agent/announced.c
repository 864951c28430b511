/* SPDX-License-Identifier: MIT */
/*
 * Which addresses are announced: the table's local and declared ones, as `announce` says. When
 * and how often is the announcer's.
 */
#include "agent/state.h"

#define VIEWS_AT_ONCE 4096 /* a fraction of a millisecond */

bool announced_is_wanted(const struct agent *agent, unsigned segment, enum slot_state state)
{
	switch (agent->config.segment[segment].announce) {
	case ANNOUNCE_LOCAL:
		return state == SLOT_LOCAL;
	case ANNOUNCE_STATIC:
		return state == SLOT_LOCAL || state == SLOT_STATIC;
	case ANNOUNCE_OFF:
		break;
	}
	return false;
}

static bool is_wanted(const struct agent *agent, const struct neighbour_view *view)
{
	return announced_is_wanted(agent, view->segment, view->state);
}

static bool on_holds(void *context, unsigned segment, uint32_t address, struct mac *owner)
{
	const struct agent *agent = context;
	struct neighbour_view view;

	if (!neighbour_view(agent->neighbour, segment, address, &view) || !is_wanted(agent, &view))
		return false;
	*owner = view.mac;
	return true;
}

/* The slots from the segment's first prefix to the end of its last one. */
static void find_slots(const struct layout *layout, unsigned segment, uint32_t *first,
                       uint32_t *end)
{
	*first = UINT32_MAX;
	*end = 0;
	for (size_t i = 0; i < layout->ranges; i++) {
		const struct layout_range *range = &layout->range[i];

		if (range->segment != segment)
			continue;
		if (range->base < *first)
			*first = range->base;
		if (range->base + prefix_size(range->prefix) > *end)
			*end = (uint32_t)(range->base + prefix_size(range->prefix));
	}
}

static enum announce_next on_next(void *context, unsigned segment, uint32_t *cursor,
                                  uint32_t *address, struct mac *owner)
{
	const struct agent *agent = context;
	struct neighbour_view view;
	uint32_t first, end;

	find_slots(&agent->layout, segment, &first, &end);
	if (agent->config.segment[segment].announce == ANNOUNCE_OFF)
		return ANNOUNCE_END;
	if (*cursor < first)
		*cursor = first;
	for (unsigned i = 0; i < VIEWS_AT_ONCE; i++) {
		if (*cursor >= end || !neighbour_next(agent->neighbour, cursor, &view) ||
		    view.slot >= end)
			return ANNOUNCE_END;
		if (view.segment != segment || !is_wanted(agent, &view))
			continue;
		*address = view.address;
		*owner = view.mac;
		return ANNOUNCE_FOUND;
	}
	return ANNOUNCE_LATER;
}

const struct announce_ops announced_ops = {on_holds, on_next};
