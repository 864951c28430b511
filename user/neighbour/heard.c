/* SPDX-License-Identifier: MIT */
/* Events from the wire, as what happened to an address. Decides nothing. */
#include "neighbour/heard.h"

#include "neighbour/machine.h"
#include "neighbour/reconcile.h"
#include "neighbour/slots.h"
#include "neighbour/table.h"

static const char *heard_trigger(const struct neighbour_heard *heard)
{
	if (heard->trigger)
		return heard->trigger;
	if (heard->gratuitous)
		return "announcement";
	return heard->reply ? "reply" : "request";
}

static enum happening heard_what(const struct neighbour_heard *heard, enum neighbour_learn learn)
{
	switch (learn) {
	case NEIGHBOUR_PASSIVE:
		return HEARD_OTHER;
	case NEIGHBOUR_UNTAUGHT:
		return OVERHEARD;
	default:
		return heard->answer ? ANSWERED : CLAIMED;
	}
}

void neighbour_heard(struct neighbour *neighbour, const struct neighbour_heard *heard,
                     const struct neighbour_clock *clock)
{
	struct cause cause;

	if (heard->slot >= neighbour->layout.slots || !mac_is_station(heard->mac))
		return;
	reconcile_slot(neighbour, heard->slot, clock);
	table_cause(neighbour, &cause, HEARD_SAME, heard->slot, clock);
	if (!mac_equal(table_mac(neighbour, heard->slot), heard->mac))
		cause.what = heard_what(heard, cause.policy->learn);
	cause.mac = heard->mac;
	cause.interface = heard->interface;
	cause.trigger = heard_trigger(heard);
	(void)machine_happen(neighbour, &cause);
}

void neighbour_asked(struct neighbour *neighbour, uint32_t slot,
                     const struct neighbour_clock *clock)
{
	if (slot >= neighbour->layout.slots)
		return;
	reconcile_slot(neighbour, slot, clock);
	machine_pass(neighbour, ASKED, slot, clock);
}
