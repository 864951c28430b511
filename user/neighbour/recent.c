/* SPDX-License-Identifier: MIT */
/* What was done to which slot a moment ago: a ring, walked. The oldest is forgotten first. */
#include "neighbour/recent.h"

uint32_t recent_find(const struct recent *recent, uint32_t slot, uint32_t now, uint32_t seconds)
{
	for (uint32_t i = 0; i < recent->count; i++) {
		if (recent->slot[i] == slot && now - recent->at[i] < seconds)
			return i;
	}
	return RECENT_NONE;
}

/* No slot has that number. */
void recent_forget(struct recent *recent, uint32_t slot)
{
	for (uint32_t i = 0; i < recent->count; i++)
		if (recent->slot[i] == slot)
			recent->slot[i] = UINT32_MAX;
}

bool recent_is_full(const struct recent *recent, uint32_t now, uint32_t seconds)
{
	return recent->count == RECENT_MAX && now - recent->at[recent->next] < seconds;
}

uint32_t recent_add(struct recent *recent, uint32_t slot, uint32_t now)
{
	uint32_t place = recent->next;

	recent->slot[place] = slot;
	recent->at[place] = now;
	recent->next = (place + 1) % RECENT_MAX;
	if (recent->count < RECENT_MAX)
		recent->count++;
	return place;
}
