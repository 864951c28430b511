/* SPDX-License-Identifier: MIT */
/*
 * Carrying over: from a table with one layout to a table with another, by address.
 */
#ifndef USER_OFFLOAD_CARRY_H
#define USER_OFFLOAD_CARRY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arpkeeper/slot.h"
#include "wire/wire.h"

/* Slots whose content comes from the old table. */
struct carried {
	struct {
		uint32_t first, count;
	} * span; /* owned */
	size_t spans, room;
};

/* The whole table, as it is. 0 or -ENOMEM. */
int carry_all(struct carried *carried, uint32_t slots);
/*
 * Fills `to` from `from`. An address keeps its slot's content if it was on-link in the same
 * segment before; also if the whole prefix only belongs to a segment with another index now
 * (segments were added, removed, or reordered). 0 or -ENOMEM.
 */
int carry_over(struct carried *carried, struct neigh_slot *to, const struct layout *to_layout,
               const struct neigh_slot *from, const struct layout *from_layout);
/* In which segment an IPv6 address is now that was in `segment` before; -1: in none. */
int64_t carry_segment(const struct layout *to_layout, const struct layout *from_layout,
                      unsigned segment, struct address address);
/* Copies `count` slots, each word whole; and marks slots as carried. */
void carry_slots(struct neigh_slot *to, const struct neigh_slot *from, uint64_t count);
int carry_mark(struct carried *carried, uint32_t first, uint32_t count);
/* STATIC or LOCAL. */
bool carry_is_declared(const struct neigh_slot *slot);
bool carried_has(const struct carried *carried, uint32_t slot);
void carried_clear(struct carried *carried);

#endif
