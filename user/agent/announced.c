/* SPDX-License-Identifier: MIT */
/* When and how often is the announcer's. */
#include "agent/announced.h"

#include "agent/place.h"

#define VIEWS_AT_ONCE 4096 /* a fraction of a millisecond */

bool announced_is_wanted(const struct agent *agent, unsigned segment, enum slot_state state)
{
	enum config_announce announce = agent->config.segment[segment].announce;

	return (state == SLOT_LOCAL && announce != ANNOUNCE_OFF) ||
	       (state == SLOT_STATIC && announce == ANNOUNCE_STATIC);
}

static bool on_holds(void *context, unsigned segment, uint32_t address, struct mac *owner)
{
	const struct agent *agent = context;
	struct neighbour_view view;

	if (!neighbour_view(agent->neighbour, segment, address, &view) ||
	    !announced_is_wanted(agent, segment, view.state))
		return false;
	*owner = view.mac;
	return true;
}

static enum announce_next on_next(void *context, unsigned segment, uint32_t *cursor,
                                  uint32_t *address, struct mac *owner)
{
	const struct agent *agent = context;
	struct neighbour_view view;
	uint32_t first, last;

	if (agent->config.segment[segment].announce == ANNOUNCE_OFF)
		return ANNOUNCE_END;
	place_slots(&first, &last, &agent->layout, (int)segment, (struct prefix){0});
	if (*cursor < first)
		*cursor = first;
	for (unsigned i = 0; i < VIEWS_AT_ONCE; i++) {
		if (*cursor > last || !neighbour_next(agent->neighbour, cursor, &view) ||
		    view.slot > last)
			return ANNOUNCE_END;
		if (view.segment != segment || !announced_is_wanted(agent, segment, view.state))
			continue;
		*address = view.address;
		*owner = view.mac;
		return ANNOUNCE_FOUND;
	}
	return ANNOUNCE_LATER;
}

const struct announce_ops announced_ops = {on_holds, on_next};
