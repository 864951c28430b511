/* SPDX-License-Identifier: MIT */
/*
 * Events, as what happened to an address. Decides nothing. While a segment's link is down nothing
 * is asked, and silence proves nothing: requests in flight end without conclusion. When it is up
 * again, the scan verifies older bindings, as its bounds allow: here is only the time from which on
 * a binding counts as heard.
 */
#include "neighbour/events.h"

#include "neighbour/duplicate.h"
#include "neighbour/holders.h"
#include "neighbour/machine.h"
#include "neighbour/queries.h"
#include "neighbour/reconcile.h"
#include "neighbour/slots.h"
#include "neighbour/sparse.h"
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

/* The holder of a learned address advertises it (RFC 4861 4.4, R). Only its own word counts: an
 * advertisement by another host has another MAC, or comes from one. */
static void learn_role(struct neighbour *neighbour, const struct cause *cause)
{
	union binding binding = table_binding(neighbour, cause->slot);

	if (state_is_learned(binding.state) && !(binding.flags & SLOT_FROZEN) &&
	    mac_equal(binding_mac(binding), cause->mac) &&
	    !(binding.flags & SLOT_ROUTER) == cause->router)
		table_put_router(neighbour, cause);
}

void neighbour_heard(struct neighbour *neighbour, const struct neighbour_heard *heard,
                     const struct neighbour_clock *clock)
{
	struct cause cause;

	if (!slot_is_taken(neighbour, heard->slot) || !mac_is_station(heard->mac))
		return;
	reconcile_slot(neighbour, heard->slot, clock);
	table_cause(neighbour, &cause, HEARD_SAME, heard->slot, clock);
	if (!mac_equal(table_mac(neighbour, heard->slot), heard->mac))
		cause.what = duplicate_is_frozen(neighbour, heard->slot)
		                     ? OVERHEARD
		                     : heard_what(heard, cause.policy->learn);
	cause.mac = heard->mac;
	cause.interface = heard->interface;
	cause.trigger = heard_trigger(heard);
	cause.router = heard->router;
	(void)machine_happen(neighbour, &cause);
	if (heard->advertised)
		learn_role(neighbour, &cause);
	sparse_settle(neighbour, heard->slot, clock);
}

void neighbour_asked(struct neighbour *neighbour, uint32_t slot,
                     const struct neighbour_clock *clock)
{
	if (!slot_is_taken(neighbour, slot))
		return;
	reconcile_slot(neighbour, slot, clock);
	machine_pass(neighbour, ASKED, slot, clock);
	sparse_settle(neighbour, slot, clock);
}

void neighbour_sponged(struct neighbour *neighbour, uint32_t slot, struct address holder,
                       struct mac holder_mac, const struct neighbour_clock *clock)
{
	union binding binding;
	struct cause cause;

	/* A sender without an address (a probe) keeps no answer. */
	if (!slot_is_taken(neighbour, slot) || address_is_none(holder) ||
	    !mac_is_station(holder_mac))
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

static void rewrite(struct neighbour *neighbour, uint32_t slot, unsigned segment, bool sponged)
{
	struct cause cause;

	if (!(table_binding(neighbour, slot).flags & SLOT_SPONGE) ||
	    table_segment(neighbour, slot) != segment)
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
		bool sparse = range->base == LAYOUT_SPARSE;
		uint32_t slot = sparse ? neighbour->sparse.from : range->base;
		uint32_t end = sparse ? neighbour->layout.slots
		                      : slot + (uint32_t)prefix_size(range->prefix);

		for (; range->segment == segment && slot < end; slot++)
			rewrite(neighbour, slot, segment, !mac_is_zero(mac));
	}
}

static void end_queries(struct neighbour *neighbour, struct queue *queue, unsigned segment,
                        const struct neighbour_clock *clock)
{
	/* Backwards: the last query, already done, takes the place of one that ends. */
	for (unsigned i = queue->count; i-- > 0;) {
		uint32_t slot = queue->slot[i];

		if (table_segment(neighbour, slot) != segment)
			continue;
		reconcile_slot(neighbour, slot, clock);
		if (query_find(neighbour, slot))
			machine_pass(neighbour, LINK_DOWN, slot, clock);
		sparse_settle(neighbour, slot, clock);
	}
}

void neighbour_link(struct neighbour *neighbour, unsigned segment, bool up,
                    const struct neighbour_clock *clock)
{
	struct segment_state *link;

	if (segment >= neighbour->segments || neighbour->segment[segment].down == !up)
		return;
	link = &neighbour->segment[segment];
	link->down = !up;
	if (up)
		link->up_since = clock->now;
	for (unsigned i = 0; !up && i < QUEUES; i++)
		end_queries(neighbour, &neighbour->queue[i], segment, clock);
}
