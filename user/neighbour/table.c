/* SPDX-License-Identifier: MIT */
/*
 * Writing slots: every write of a binding is table_put() or table_put_dead(), with its shadow and
 * the totals. Nothing here decides what is written.
 */
#include "neighbour/table.h"

#include <string.h>

#include "neighbour/holders.h"
#include "neighbour/limits.h"
#include "neighbour/slots.h"
#include "neighbour/sparse.h"

static bool word_replace(struct neighbour *neighbour, uint32_t slot, uint64_t expected,
                         uint64_t word)
{
	__u64 old = expected;

	return __atomic_compare_exchange_n(&neighbour->slots[slot].binding, &old, word, false,
	                                   __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

void table_set_seen(struct neighbour *neighbour, uint32_t slot, uint32_t seen)
{
	__atomic_store_n(&neighbour->slots[slot].seen, seen, __ATOMIC_RELAXED);
}

bool table_restore(struct neighbour *neighbour, uint32_t slot, uint64_t word)
{
	return word_replace(neighbour, slot, word, table_binding(neighbour, slot).word);
}

/* The one place where policy becomes flags. */
static uint8_t flags_for(const struct neighbour *neighbour, const struct cause *cause,
                         enum slot_state state)
{
	const struct neighbour_ops *ops = neighbour->ops;
	const struct neighbour_policy *policy = cause->policy;
	/* A neighbour advertisement's O: not for what is only learned (RFC 4861 7.2.8). */
	uint8_t override = address_is_v4(cause->address) ? 0 : SLOT_OVERRIDE;
	uint8_t protect = policy->protect_static ? SLOT_PROTECT : 0;
	uint8_t router = cause->router ? SLOT_ROUTER : 0;

	switch (state) {
	case SLOT_DYNAMIC:
	case SLOT_STALE:
		/* It may be a router's, and an answer with R=0 takes that off the hosts' lists (RFC
		 * 4861 7.2.5). Routers are known by their link-local address: it speaks for itself
		 * until it has said that it is one. An answer with R=1 is never wrong for long: no
		 * host makes a router of its sender (RFC 4861 6.3.4).
		 */
		if (address_is_link_local(cause->address) && !router)
			return 0;
		return (policy->answer_dynamic ? SLOT_ANSWER : 0) | router;
	case SLOT_STATIC:
		return (policy->answer_static ? SLOT_ANSWER : 0) | protect | override |
		       (cause->entry && cause->entry->router ? SLOT_ROUTER : 0);
	case SLOT_LOCAL: /* otherwise the stack answers */
		return (policy->answer_local ? SLOT_ANSWER : 0) | protect | override |
		       (override && ops->is_router &&
		                        ops->is_router(neighbour->context, cause->segment,
		                                       cause->address)
		                ? SLOT_ROUTER
		                : 0);
	default:
		return 0;
	}
}

/* A learned binding only ages, or is verified. A frozen one stays frozen meanwhile. */
static bool stays_learned(union binding old, union binding new)
{
	return state_is_learned(old.state) && state_is_learned(new.state) &&
	       mac_equal(binding_mac(old), binding_mac(new));
}

static void put(struct neighbour *neighbour, const struct cause *cause, union binding new)
{
	uint32_t slot = cause->slot;
	union binding old = table_binding(neighbour, slot);
	bool bound = state_is_silent(old.state) && !state_is_silent(new.state);
	uint8_t holders = bound ? silence_of(neighbour, slot).holders : 0;
	uint8_t flags = old.flags ^ new.flags;
	bool crowd;

	/* The program counts requests for a DEAD address there, from 0. */
	if (state_is_silent(new.state))
		table_set_seen(neighbour, slot, 0);
	neighbour->count[old.state]--;
	neighbour->count[new.state]++;
	neighbour->segment[cause->segment].count[old.state]--;
	neighbour->segment[cause->segment].count[new.state]++;
	crowd = limits_change(neighbour, cause, old, new);
	if (bound)
		neighbour->beside[slot] = 0;
	neighbour->shadow[slot] = new.word;
	/* If another program wrote the slot since the last look, its word came later and stays: the
	 * next scan finds it. */
	(void)word_replace(neighbour, slot, old.word, new.word);
	if (slot_is_sparse(neighbour, slot))
		sparse_changed(neighbour, cause, old.state, new.state);
	if (crowd)
		limits_report(neighbour, cause, binding_mac(new));
	if (flags & SLOT_FROZEN)
		neighbour->frozen += new.flags &SLOT_FROZEN ? 1 : UINT32_MAX;
	if (flags & SLOT_SPONGE) {
		neighbour->sponged += new.flags &SLOT_SPONGE ? 1 : UINT32_MAX;
		if (neighbour->ops->sponged)
			neighbour->ops->sponged(neighbour->context, cause->segment, cause->address,
			                        new.flags &SLOT_SPONGE);
	}
	if (holders)
		holders_correct(neighbour, cause, binding_mac(new), holders);
}

void table_put(struct neighbour *neighbour, const struct cause *cause, enum slot_state state,
               struct mac mac)
{
	union binding old = table_binding(neighbour, cause->slot), new = {.state = (uint8_t)state};
	struct cause by = *cause;

	if (!state_is_silent(state))
		memcpy(new.mac, mac.octet, sizeof(new.mac));
	/* What is learned of a host is known of it while it has the address. */
	if (stays_learned(old, new))
		by.router = old.flags & SLOT_ROUTER;
	new.flags = flags_for(neighbour, &by, state);
	if (stays_learned(old, new) && old.flags & SLOT_FROZEN)
		new.flags = SLOT_FROZEN;
	put(neighbour, cause, new);
}

void table_put_router(struct neighbour *neighbour, const struct cause *cause)
{
	union binding new = table_binding(neighbour, cause->slot);
	uint8_t flags = flags_for(neighbour, cause, new.state);

	new.flags = flags;
	put(neighbour, cause, new);
}

void table_freeze(struct neighbour *neighbour, const struct cause *cause, bool frozen)
{
	union binding new = table_binding(neighbour, cause->slot);
	uint8_t flags = flags_for(neighbour, cause, new.state);

	new.flags = frozen ? SLOT_FROZEN : flags;
	put(neighbour, cause, new);
}

void table_put_dead(struct neighbour *neighbour, const struct cause *cause, bool sponged)
{
	union binding new = {.state = SLOT_DEAD};

	if (sponged) {
		memcpy(new.mac, cause->policy->sponge_mac.octet, sizeof(new.mac));
		new.flags = SLOT_ANSWER | SLOT_SPONGE;
	}
	put(neighbour, cause, new);
}

unsigned table_segment(const struct neighbour *neighbour, uint32_t slot)
{
	const struct sparse *sparse = &neighbour->sparse;

	return slot_is_sparse(neighbour, slot) ? sparse->places.place[slot - sparse->from].segment
	                                       : layout_range_of(&neighbour->layout, slot)->segment;
}

const struct layout_range *table_place(const struct neighbour *neighbour, uint32_t slot,
                                       struct address *address)
{
	const struct sparse *sparse = &neighbour->sparse;
	const struct layout_range *range;
	const struct place *place;

	if (slot_is_sparse(neighbour, slot)) {
		place = &sparse->places.place[slot - sparse->from];
		*address = place->address;
		return layout_find(&neighbour->layout, place->segment, place->address);
	}
	range = layout_range_of(&neighbour->layout, slot);
	*address = layout_address(range, slot);
	return range;
}

void table_cause(const struct neighbour *neighbour, struct cause *cause, enum happening what,
                 uint32_t slot, const struct neighbour_clock *clock)
{
	struct address address;
	const struct layout_range *range = table_place(neighbour, slot, &address);

	*cause = (struct cause){
	        .what = what,
	        .clock = clock,
	        .slot = slot,
	        .address = address,
	        .segment = range->segment,
	        .host = prefix_is_host(range->prefix, address),
	        .policy = &neighbour->policy[range->segment],
	};
}
