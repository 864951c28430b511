/* SPDX-License-Identifier: MIT */
/*
 * A table is made from the slots as they are, and freed. After a restart the slots hold what the
 * last agent left.
 *
 * Shadow and records are flat arrays beside the slots, 16 bytes a slot of address space. Pages that
 * no address uses are never touched, and so cost no memory.
 */
#include "neighbour/create.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "neighbour/holders.h"
#include "neighbour/limits.h"
#include "neighbour/queries.h"
#include "neighbour/record.h"
#include "neighbour/slots.h"
#include "neighbour/sparse.h"

/* Bindings stay, until neighbour_apply() says what history knows of them. States in flight and
 * invalid slots are emptied. */
static void inherit(struct neighbour *neighbour, const struct layout_range *range, uint32_t slot,
                    struct address address)
{
	union binding binding = {.word = table_load(neighbour, slot)}, none = {0};
	bool host = prefix_is_host(range->prefix, address);
	const struct cause cause = {.slot = slot,
	                            .segment = range->segment,
	                            .address = address,
	                            .policy = &neighbour->policy[range->segment]};

	if (binding.state == SLOT_STALE)
		binding.state = SLOT_DYNAMIC;
	if ((binding.state != SLOT_DYNAMIC && binding.state != SLOT_STATIC) || !host ||
	    !mac_is_station(binding_mac(binding)))
		binding.word = 0;
	binding.flags &= SLOT_FLAGS;
	if (binding.state != SLOT_DYNAMIC)
		binding.flags &= (uint8_t)~SLOT_FROZEN;
	__atomic_store_n(&neighbour->slots[slot].binding, binding.word, __ATOMIC_RELEASE);
	neighbour->count[SLOT_EMPTY]--;
	neighbour->count[binding.state]++;
	neighbour->segment[range->segment].count[binding.state]++;
	(void)limits_change(neighbour, &cause, none, binding); /* reported with its next address */
	neighbour->frozen += binding.flags & SLOT_FROZEN ? 1 : 0;
	if (binding.word) {
		binding.flags |= SHADOW_INHERITED;
		neighbour->shadow[slot] = binding.word;
	}
}

/* The sparse slots wait for neighbour_inherit(). */
static void inherit_all(struct neighbour *neighbour)
{
	neighbour->count[SLOT_EMPTY] = neighbour->layout.slots;
	for (size_t i = 0; i < neighbour->layout.ranges; i++) {
		const struct layout_range *range = &neighbour->layout.range[i];
		uint32_t size = (uint32_t)prefix_size(range->prefix);

		if (range->base == LAYOUT_SPARSE)
			continue;
		for (uint32_t slot = range->base; slot < range->base + size; slot++) {
			if (table_load(neighbour, slot))
				inherit(neighbour, range, slot, layout_address(range, slot));
		}
	}
}

bool neighbour_inherit(struct neighbour *neighbour, uint32_t slot, unsigned segment,
                       struct address address)
{
	const struct layout_range *range = layout_find(&neighbour->layout, segment, address);
	struct sparse *sparse = &neighbour->sparse;
	uint32_t place = slot - sparse->from;
	union binding binding;

	if (!range || range->base != LAYOUT_SPARSE || slot < sparse->from ||
	    !prefix_is_host(range->prefix, address) ||
	    !places_put(&sparse->places, place, segment, address))
		return false;
	sparse->placed[place] = true;
	inherit(neighbour, range, slot, address);
	binding = table_binding(neighbour, slot);
	if (binding.state != SLOT_EMPTY)
		sparse->count[binding.state]++;
	return true;
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
	    layout_copy(&new->layout, layout) < 0 || queries_init(new) < 0 || sparse_init(new) < 0)
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
	bool whole = neighbour && neighbour->shadow && neighbour->beside;

	if (!neighbour)
		return;
	/* A reload waits for it: 3 ms for a million. */
	for (uint32_t slot = 0; whole && slot < neighbour->layout.slots; slot++)
		record_release(record_detach(neighbour, slot));
	for (unsigned i = 0; i < neighbour->origins; i++)
		free(neighbour->origin[i]);
	for (unsigned i = 0; i < QUEUES; i++) {
		free(neighbour->queue[i].query);
		free(neighbour->queue[i].slot);
	}
	limits_free(neighbour);
	sparse_free(neighbour);
	free(neighbour->holders);
	layout_clear(&neighbour->layout);
	free(neighbour->segment);
	free(neighbour->policy);
	free(neighbour->beside);
	free(neighbour->shadow);
	free(neighbour);
}
