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

/* The one place where policy becomes flags. A local address has no ANSWER: the stack answers. */
static uint8_t flags_for(const struct neighbour_policy *policy, enum slot_state state)
{
	uint8_t protect = policy->protect_static ? SLOT_PROTECT : 0;

	switch (state) {
	case SLOT_DYNAMIC:
	case SLOT_STALE:
		return policy->answer_dynamic ? SLOT_ANSWER : 0;
	case SLOT_STATIC:
		return (policy->answer_static ? SLOT_ANSWER : 0) | protect;
	case SLOT_LOCAL:
		return protect;
	default:
		return 0;
	}
}

static bool carries_mac(enum slot_state state)
{
	return state == SLOT_DYNAMIC || state == SLOT_STATIC || state == SLOT_LOCAL ||
	       state == SLOT_STALE;
}

void table_put(struct neighbour *neighbour, const struct cause *cause, enum slot_state state,
               struct mac mac)
{
	uint32_t slot = cause->slot;
	union binding old = table_binding(neighbour, slot);
	union binding new = {.state = (uint8_t)state, .flags = flags_for(cause->policy, state)};

	if (carries_mac(state))
		memcpy(new.mac, mac.octet, sizeof(new.mac));
	else
		table_set_seen(neighbour, slot, 0);
	neighbour->count[old.state]--;
	neighbour->count[state]++;
	if (old.state == SLOT_DEAD)
		neighbour->beside[slot] = 0;
	if (state == SLOT_DEAD)
		neighbour->beside[slot] = cause->clock->now;
	neighbour->shadow[slot] = new.word;
	/* Should somebody else have written it since we last looked, then that came later than
	 * this, and stays: the next scan finds it. */
	(void)word_replace(neighbour, slot, old.word, new.word);
}

void table_cause(const struct neighbour *neighbour, struct cause *cause, enum happening what,
                 uint32_t slot, const struct neighbour_clock *clock)
{
	const struct layout_range *range = layout_range_of(&neighbour->layout, slot);
	uint32_t address = range->prefix.network + (slot - range->base);

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
static void inherit(struct neighbour *neighbour, uint32_t slot, bool host)
{
	union binding binding = {.word = table_load(neighbour, slot)};

	if (binding.state == SLOT_STALE)
		binding.state = SLOT_DYNAMIC;
	if ((binding.state != SLOT_DYNAMIC && binding.state != SLOT_STATIC) || !host ||
	    !mac_is_station(binding_mac(binding)))
		binding.word = 0;
	binding.flags &= SLOT_FLAGS;
	__atomic_store_n(&neighbour->slots[slot].binding, binding.word, __ATOMIC_RELEASE);
	neighbour->count[SLOT_EMPTY]--;
	neighbour->count[binding.state]++;
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

		for (uint32_t host_part = 0; host_part < size; host_part++) {
			uint32_t address = range->prefix.network + host_part;

			if (table_load(neighbour, range->base + host_part))
				inherit(neighbour, range->base + host_part,
				        prefix_is_host(range->prefix, address));
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
	if (!new->shadow || !new->beside || !new->policy || copy_layout(&new->layout, layout) < 0 ||
	    queries_init(new) < 0)
		goto out;
	if (segments)
		memcpy(new->policy, policy, segments * sizeof(*policy));
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
	for (unsigned i = 0; i < QUEUES; i++)
		free(neighbour->queue[i].query);
	layout_clear(&neighbour->layout);
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
	        .address = range->prefix.network + (slot - range->base),
	        .slot = slot,
	        .state = binding.state,
	        .mac = binding_mac(binding),
	        .flags = binding.flags,
	        .seen = table_seen(neighbour, slot),
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
	totals->sponged = 0;
	totals->refused = 0;
	for (unsigned i = 0; i < QUEUES; i++)
		totals->resolving += neighbour->queue[i].count;
}
