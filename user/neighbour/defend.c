/* SPDX-License-Identifier: MIT */
/*
 * What a person declared, and what the host has, is never displaced: whoever contradicts it is told
 * of, and contradicted in turn, if that is what we answer with (RFC 5227 2.4 (b)): once in
 * DEFEND_INTERVAL an address, and no more addresses in that time than are remembered. Also the
 * short memory for this, which contests use as well.
 */
#include "neighbour/internal.h"

uint32_t recent_find(const struct recent *recent, uint32_t slot, uint32_t now, uint32_t seconds)
{
	for (uint32_t i = 0; i < recent->count; i++) {
		if (recent->slot[i] == slot && now - recent->at[i] < seconds)
			return i;
	}
	return RECENT_NONE;
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

int defend_binding(struct neighbour *neighbour, const struct cause *cause)
{
	union binding binding = table_binding(neighbour, cause->slot);
	struct recent *defended = &neighbour->defended;
	uint32_t now = cause->clock->now;

	tell_alert(neighbour, cause, ALERT_CONFLICT, binding_mac(binding));
	if ((binding.state == SLOT_STATIC && !cause->policy->answer_static) ||
	    !neighbour->ops->defend ||
	    recent_find(defended, cause->slot, now, DEFEND_INTERVAL) != RECENT_NONE ||
	    recent_is_full(defended, now, DEFEND_INTERVAL))
		return 0;
	(void)recent_add(defended, cause->slot, now);
	neighbour->ops->defend(neighbour->context, cause->segment, cause->address,
	                       binding_mac(binding));
	return 0;
}
