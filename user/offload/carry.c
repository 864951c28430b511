// SPDX-License-Identifier: MIT
/*
 * Carrying over. The old table may still be in use by a program, so words are read whole; what
 * that program notes after its slot was copied (when an address last spoke) is lost.
 */
#include "offload/carry.h"

#include <errno.h>
#include <stdlib.h>

static int span_add(struct carried *carried, uint32_t first, uint32_t count)
{
	void *longer = reallocarray(carried->span, carried->spans + 1, sizeof(*carried->span));

	if (!longer)
		return -ENOMEM;
	carried->span = longer;
	carried->span[carried->spans].first = first;
	carried->span[carried->spans].count = count;
	carried->spans++;
	return 0;
}

int carry_all(struct carried *carried, uint32_t slots)
{
	return slots ? span_add(carried, 0, slots) : 0;
}

static void slots_copy(struct neigh_slot *to, const struct neigh_slot *from, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		uint64_t binding = __atomic_load_n(&from[i].binding, __ATOMIC_RELAXED);

		to[i].seen = __atomic_load_n(&from[i].seen, __ATOMIC_RELAXED);
		to[i].used = __atomic_load_n(&from[i].used, __ATOMIC_RELAXED);
		__atomic_store_n(&to[i].binding, binding, __ATOMIC_RELEASE);
	}
}

static bool range_matches(const struct layout_range *to, const struct layout_range *from)
{
	if (to->segment == from->segment)
		return prefix_overlaps(to->prefix, from->prefix);
	return to->prefix.network == from->prefix.network &&
	       to->prefix.length == from->prefix.length;
}

int carry_over(struct carried *carried, struct neigh_slot *to, const struct layout *to_layout,
               const struct neigh_slot *from, const struct layout *from_layout)
{
	for (size_t i = 0; i < to_layout->ranges; i++)
		for (size_t j = 0; j < from_layout->ranges; j++) {
			const struct layout_range *new = &to_layout->range[i];
			const struct layout_range *old = &from_layout->range[j];
			/* Prefixes that overlap contain one another: the longer is common. */
			struct prefix common =
			        new->prefix.length > old->prefix.length ? new->prefix : old->prefix;
			uint32_t first = new->base + (common.network - new->prefix.network);

			if (!range_matches(new, old))
				continue;
			slots_copy(to + first,
			           from + old->base + (common.network - old->prefix.network),
			           prefix_size(common));
			if (span_add(carried, first, (uint32_t)prefix_size(common)))
				return -ENOMEM;
		}
	return 0;
}

bool carried_has(const struct carried *carried, uint32_t slot)
{
	for (size_t i = 0; i < carried->spans; i++)
		if (slot - carried->span[i].first < carried->span[i].count &&
		    slot >= carried->span[i].first)
			return true;
	return false;
}

void carried_clear(struct carried *carried)
{
	free(carried->span);
	*carried = (struct carried){0};
}
