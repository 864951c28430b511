/* SPDX-License-Identifier: MIT */
/*
 * The sponge answers for dead addresses under heavy request load with a MAC of the operator's
 * choice, so that requests for a host that is gone do not flood the segment (as arpsponge does for
 * internet exchanges). dead.c decides when; here is which MAC, and which hosts got it.
 */
#include "neighbour/sponge.h"

#include "neighbour/holders.h"
#include "neighbour/machine.h"
#include "neighbour/queries.h"
#include "neighbour/reconcile.h"
#include "neighbour/slots.h"
#include "neighbour/table.h"

void neighbour_sponged(struct neighbour *neighbour, uint32_t slot, uint32_t holder,
                       struct mac holder_mac, const struct neighbour_clock *clock)
{
	union binding binding;
	struct cause cause;

	/* A sender without an address (a probe) keeps no answer. */
	if (slot >= neighbour->layout.slots || !holder || !mac_is_station(holder_mac))
		return;
	reconcile_slot(neighbour, slot, clock);
	binding = table_binding(neighbour, slot);
	if (state_is_silent(binding.state)) {
		holders_remember(neighbour, slot, holder, holder_mac);
	} else if (neighbour->ops->correct) { /* the address came back meanwhile */
		table_cause(neighbour, &cause, HEARD_SAME, slot, clock);
		neighbour->ops->correct(neighbour->context, cause.segment, cause.address,
		                        binding_mac(binding), holder, holder_mac);
	}
}

static void rewrite(struct neighbour *neighbour, uint32_t slot, bool sponged)
{
	struct cause cause;

	if (!(table_binding(neighbour, slot).flags & SLOT_SPONGE))
		return;
	table_cause(neighbour, &cause, HAMMERED, slot, NULL);
	if (!sponged)
		query_cancel(neighbour, slot);
	table_put_dead(neighbour, &cause, sponged);
}

void neighbour_sponge_at(struct neighbour *neighbour, unsigned segment, struct mac mac)
{
	if (segment >= neighbour->segments || mac_equal(neighbour->policy[segment].sponge_mac, mac))
		return;
	neighbour->policy[segment].sponge_mac = mac;
	for (size_t i = 0; neighbour->sponged && i < neighbour->layout.ranges; i++) {
		const struct layout_range *range = &neighbour->layout.range[i];
		uint32_t end = range->base + (uint32_t)prefix_size(range->prefix);

		for (uint32_t slot = range->base; range->segment == segment && slot < end; slot++)
			rewrite(neighbour, slot, !mac_is_zero(mac));
	}
}
