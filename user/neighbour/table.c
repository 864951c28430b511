/* SPDX-License-Identifier: MIT */
/*
 * The table: the slots, the shadow of what we last wrote there, the totals, and views of it
 * all. Every write of a binding is table_put(); nothing here decides what is written.
 *
 * Shadow and records are flat arrays beside the slots: 16 bytes a slot of address space, of
 * which the pages that no address uses are never touched, and so cost no memory.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "neighbour/internal.h"

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
static uint8_t flags_for(const struct neighbour_policy *policy, enum slot_state state)
{
	uint8_t protect = policy->protect_static ? SLOT_PROTECT : 0;

	switch (state) {
	case SLOT_DYNAMIC:
	case SLOT_STALE:
		return policy->answer_dynamic ? SLOT_ANSWER : 0;
	case SLOT_STATIC:
		return (policy->answer_static ? SLOT_ANSWER : 0) | protect;
	case SLOT_LOCAL: /* else the stack answers */
		return (policy->answer_local ? SLOT_ANSWER : 0) | protect;
	default:
		return 0;
	}
}

static void put(struct neighbour *neighbour, const struct cause *cause, union binding new)
{
	uint32_t slot = cause->slot;
	union binding old = table_binding(neighbour, slot);
	bool bound = state_is_silent(old.state) && !state_is_silent(new.state);
	uint8_t holders = bound ? silence_of(neighbour, slot).holders : 0;
	uint8_t flags = old.flags ^ new.flags;

	/* So the program counts requests for a DEAD one from 0. */
	if (state_is_silent(new.state))
		table_set_seen(neighbour, slot, 0);
	neighbour->count[old.state]--;
	neighbour->count[new.state]++;
	limits_change(neighbour, cause->segment, cause->address, old, new);
	if (bound)
		neighbour->beside[slot] = 0;
	neighbour->shadow[slot] = new.word;
	/* Should somebody else have written it since we last looked, then that came later than
	 * this, and stays: the next scan finds it. */
	(void)word_replace(neighbour, slot, old.word, new.word);
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
	union binding new = {.state = (uint8_t)state, .flags = flags_for(cause->policy, state)};

	if (!state_is_silent(state))
		memcpy(new.mac, mac.octet, sizeof(new.mac));
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

void table_cause(const struct neighbour *neighbour, struct cause *cause, enum happening what,
                 uint32_t slot, const struct neighbour_clock *clock)
{
	const struct layout_range *range = layout_range_of(&neighbour->layout, slot);
	uint32_t address = layout_address(range, slot);

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

/* A restarted agent finds the map as its predecessor left it. Bindings stay, and wait to be
 * claimed by neighbour_apply(); what was only in flight, and what nobody can have meant, goes. */
static void inherit(struct neighbour *neighbour, const struct layout_range *range, uint32_t slot)
{
	union binding binding = {.word = table_load(neighbour, slot)}, none = {0};
	uint32_t address = layout_address(range, slot);
	bool host = prefix_is_host(range->prefix, address);

	if (binding.state == SLOT_STALE)
		binding.state = SLOT_DYNAMIC;
	if ((binding.state != SLOT_DYNAMIC && binding.state != SLOT_STATIC) || !host ||
	    !mac_is_station(binding_mac(binding)))
		binding.word = 0;
	binding.flags &= SLOT_FLAGS;
	__atomic_store_n(&neighbour->slots[slot].binding, binding.word, __ATOMIC_RELEASE);
	neighbour->count[SLOT_EMPTY]--;
	neighbour->count[binding.state]++;
	limits_change(neighbour, range->segment, address, none, binding);
	if (binding.word) {
		binding.flags |= SHADOW_INHERITED;
		neighbour->shadow[slot] = binding.word;
	}
}

static void inherit_all(struct neighbour *neighbour)
{
	neighbour->count[SLOT_EMPTY] = neighbour->layout.slots;
	for (size_t i = 0; i < neighbour->layout.ranges; i++) {
		const struct layout_range *range = &neighbour->layout.range[i];
		uint32_t size = (uint32_t)prefix_size(range->prefix);

		for (uint32_t slot = range->base; slot < range->base + size; slot++) {
			if (table_load(neighbour, slot))
				inherit(neighbour, range, slot);
		}
	}
}

static int copy_layout(struct layout *copy, const struct layout *layout)
{
	*copy = *layout;
	copy->range = calloc(layout->ranges ? layout->ranges : 1, sizeof(*copy->range));
	if (!copy->range)
		return -ENOMEM;
	if (layout->ranges)
		memcpy(copy->range, layout->range, layout->ranges * sizeof(*copy->range));
	return 0;
}

int neighbour_new(struct neighbour **neighbour, struct neigh_slot *slots,
                  const struct layout *layout, const struct neighbour_policy *policy,
                  unsigned segments, const struct neighbour_ops *ops, void *context,
                  uint32_t random_seed)
{
	struct neighbour *new = calloc(1, sizeof(*new));
	size_t room = layout->slots ? layout->slots : 1;
	int error = -EINVAL;

	*neighbour = NULL;
	if (!new)
		return -ENOMEM;
	for (size_t i = 0; i < layout->ranges; i++) {
		if (layout->range[i].segment >= segments)
			goto out;
	}
	error = -ENOMEM;
	new->slots = slots;
	new->ops = ops;
	new->context = context;
	new->random = random_seed ? random_seed : 1; /* xorshift never leaves 0 */
	new->shadow = calloc(room, sizeof(*new->shadow));
	new->beside = calloc(room, sizeof(*new->beside));
	new->policy = calloc(segments ? segments : 1, sizeof(*new->policy));
	new->segment = calloc(segments ? segments : 1, sizeof(*new->segment));
	new->segments = segments;
	if (!new->shadow || !new->beside || !new->policy || !new->segment ||
	    copy_layout(&new->layout, layout) < 0 || queries_init(new) < 0)
		goto out;
	if (segments)
		memcpy(new->policy, policy, segments * sizeof(*policy));
	if (holders_init(new) < 0 || limits_init(new) < 0)
		goto out;
	inherit_all(new);
	*neighbour = new;
	return 0;
out:
	neighbour_free(new);
	return error;
}

void neighbour_free(struct neighbour *neighbour)
{
	uint32_t cursor = 0;
	struct neighbour_view view;

	if (!neighbour)
		return;
	while (neighbour->shadow && neighbour->beside && neighbour_next(neighbour, &cursor, &view))
		record_release(record_detach(neighbour, view.slot));
	for (unsigned i = 0; i < neighbour->origins; i++)
		free(neighbour->origin[i]);
	for (unsigned i = 0; i < QUEUES; i++) {
		free(neighbour->queue[i].query);
		free(neighbour->queue[i].slot);
	}
	limits_free(neighbour);
	free(neighbour->holders);
	layout_clear(&neighbour->layout);
	free(neighbour->segment);
	free(neighbour->policy);
	free(neighbour->beside);
	free(neighbour->shadow);
	free(neighbour);
}

bool neighbour_inherited(const struct neighbour *neighbour, uint32_t slot, struct mac *mac,
                         enum entry_state *state)
{
	union binding binding;

	if (slot >= neighbour->layout.slots)
		return false;
	binding.word = neighbour->shadow[slot];
	if (!(binding.flags & SHADOW_INHERITED))
		return false;
	*mac = binding_mac(binding);
	*state = binding.state == SLOT_STATIC ? ENTRY_STATIC : ENTRY_DYNAMIC;
	return true;
}

static void view_slot(struct neighbour *neighbour, const struct layout_range *range, uint32_t slot,
                      struct neighbour_view *view)
{
	union binding binding = table_binding(neighbour, slot);
	bool durable = record_read(neighbour, slot, &neighbour->viewed);

	*view = (struct neighbour_view){
	        .segment = range->segment,
	        .address = layout_address(range, slot),
	        .slot = slot,
	        .state = binding.state,
	        .mac = binding_mac(binding),
	        .flags = binding.flags,
	        /* Without a binding it is no time: the program counts requests there. */
	        .seen = state_is_silent(binding.state) ? 0 : table_seen(neighbour, slot),
	        .entry = durable ? &neighbour->viewed.entry : NULL,
	};
}

bool neighbour_view(struct neighbour *neighbour, unsigned segment, uint32_t address,
                    struct neighbour_view *view)
{
	const struct layout_range *range = layout_find(&neighbour->layout, segment, address);

	if (!range)
		return false;
	view_slot(neighbour, range, range->base + (address - range->prefix.network), view);
	return true;
}

bool neighbour_next(struct neighbour *neighbour, uint32_t *cursor, struct neighbour_view *view)
{
	uint32_t slot = *cursor;

	while (slot < neighbour->layout.slots && !neighbour->shadow[slot])
		slot++;
	*cursor = slot + 1;
	if (slot >= neighbour->layout.slots) {
		*cursor = slot;
		return false;
	}
	view_slot(neighbour, layout_range_of(&neighbour->layout, slot), slot, view);
	return true;
}

void neighbour_totals(const struct neighbour *neighbour, struct neighbour_totals *totals)
{
	memcpy(totals->state, neighbour->count, sizeof(totals->state));
	totals->resolving = 0;
	totals->sponged = neighbour->sponged;
	totals->refused = limits_refused(neighbour);
	for (unsigned i = 0; i < QUEUES; i++)
		totals->resolving += neighbour->queue[i].count;
}
