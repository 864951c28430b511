/* SPDX-License-Identifier: MIT */
/*
 * What a person declared, and what the host has, is never displaced: whoever contradicts it is told
 * of, and contradicted in turn, if that is what we answer with (RFC 5227 2.4 (b)): once in
 * DEFEND_INTERVAL an address, and no more addresses in that time than are remembered.
 */
#include "neighbour/internal.h"

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
