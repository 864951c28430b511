/* SPDX-License-Identifier: MIT */
/*
 * The sponge: dead addresses that are asked for again and again are answered for, with a MAC of the
 * operator's choice, so that a segment is not flooded with requests for who is gone (as
 * arpsponge does for internet exchanges). When they are is dead.c's; here is that they are, at
 * which MAC, and for whom.
 */
#include "neighbour/internal.h"

int sponge_begin(struct neighbour *neighbour, const struct cause *cause)
{
	table_put_dead(neighbour, cause, true);
	return 0;
}

void neighbour_sponged(struct neighbour *neighbour, uint32_t slot, uint32_t holder,
                       struct mac holder_mac, const struct neighbour_clock *clock)
{
	union binding binding;
	struct cause cause;

	/* Whoever asks without an address of his own (a probe) keeps no answer. */
	if (slot >= neighbour->layout.slots || !holder || !mac_is_station(holder_mac))
		return;
	scan_reconcile(neighbour, slot, clock);
	binding = table_binding(neighbour, slot);
	if (state_is_silent(binding.state)) {
		holders_remember(neighbour, slot, holder, holder_mac);
	} else if (neighbour->ops->correct) { /* it came back before we heard of this */
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
