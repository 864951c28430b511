/* SPDX-License-Identifier: MIT */
/*
 * Declared bindings and the host's own are defended, not contested: announced if the program
 * answers with them (RFC 5227 2.4 (b)), once in DEFEND_INTERVAL, for no more addresses in that time
 * than are remembered.
 */
#include "neighbour/defend.h"

#include "neighbour/notify.h"
#include "neighbour/recent.h"
#include "neighbour/slots.h"

int defend_binding(struct neighbour *neighbour, const struct cause *cause)
{
	union binding binding = table_binding(neighbour, cause->slot);
	struct recent *defended = &neighbour->defended;
	uint32_t now = cause->clock->now;

	notify_alert(neighbour, cause, ALERT_CONFLICT, binding_mac(binding));
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
