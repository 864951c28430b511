// SPDX-License-Identifier: MIT
/*
 * Carrying over. A program may still use the old table, so words are read whole. What that program
 * writes after a slot was copied (when an address last spoke) is lost.
 */
#include "offload/carry.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

int carry_mark(struct carried *carried, uint32_t first, uint32_t count)
{
	if (!count)
		return 0;
	if (array_reserve(&carried->span, &carried->room, carried->spans + 1))
		return -ENOMEM;
	carried->span[carried->spans].first = first;
	carried->span[carried->spans].count = count;
	carried->spans++;
	return 0;
}

int carry_all(struct carried *carried, uint32_t slots)
{
	return carry_mark(carried, 0, slots);
}

void carry_slots(struct neigh_slot *to, const struct neigh_slot *from, uint64_t count)
{
	for (uint64_t i = 0; i < count; i++) {
		uint64_t binding = __atomic_load_n(&from[i].binding, __ATOMIC_RELAXED);

		to[i].seen = __atomic_load_n(&from[i].seen, __ATOMIC_RELAXED);
		to[i].used = __atomic_load_n(&from[i].used, __ATOMIC_RELAXED);
		__atomic_store_n(&to[i].binding, binding, __ATOMIC_RELEASE);
	}
}

static bool has_segment(const struct layout *layout, const char *name)
{
	for (size_t i = 0; i < layout->ranges; i++)
		if (!strcmp(layout->range[i].name, name))
			return true;
	return false;
}

static bool has_once(const struct layout *layout, struct prefix prefix)
{
	unsigned count = 0;

	for (size_t i = 0; i < layout->ranges; i++)
		count += prefix_equal(layout->range[i].prefix, prefix);
	return count == 1;
}

/* Whether both are ranges of one segment: by its name; or, if the name changed, by its place in the
 * configuration or a prefix that only it has. */
static bool is_same_segment(const struct layout_range *to, const struct layout *to_layout,
                            const struct layout_range *from, const struct layout *from_layout)
{
	if (to->name[0] && from->name[0]) {
		if (!strcmp(to->name, from->name))
			return true;
		if (has_segment(from_layout, to->name) || has_segment(to_layout, from->name))
			return false;
	}
	if (to->segment == from->segment)
		return true;
	return prefix_equal(to->prefix, from->prefix) && has_once(to_layout, to->prefix) &&
	       has_once(from_layout, from->prefix);
}

/* How far into an IPv4 range the prefix begins. */
static uint32_t offset_in(const struct layout_range *range, struct prefix prefix)
{
	return address_number(prefix.network) - address_number(range->prefix.network);
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
			uint32_t first = new->base + offset_in(new, common);

			if (!prefix_is_v4(common) || !prefix_overlaps(new->prefix, old->prefix) ||
			    !is_same_segment(new, to_layout, old, from_layout))
				continue;
			carry_slots(to + first, from + old->base + offset_in(old, common),
			            prefix_size(common));
			if (carry_mark(carried, first, (uint32_t)prefix_size(common)))
				return -ENOMEM;
		}
	return 0;
}

int64_t carry_segment(const struct layout *to_layout, const struct layout *from_layout,
                      unsigned segment, struct address address)
{
	const struct layout_range *from = layout_find(from_layout, segment, address);

	for (size_t i = 0; from && i < to_layout->ranges; i++) {
		const struct layout_range *to = &to_layout->range[i];

		if (prefix_contains(to->prefix, address) &&
		    is_same_segment(to, to_layout, from, from_layout))
			return to->segment;
	}
	return -1;
}

bool carry_is_declared(const struct neigh_slot *slot)
{
	const union binding binding = {.word = __atomic_load_n(&slot->binding, __ATOMIC_RELAXED)};

	return binding.state == SLOT_STATIC || binding.state == SLOT_LOCAL;
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
