/* SPDX-License-Identifier: MIT */
/* Writing slots. */
#ifndef USER_NEIGHBOUR_TABLE_H
#define USER_NEIGHBOUR_TABLE_H

#include "neighbour/machine.h"

/* Fills the part of a cause that follows from the slot. */
void table_cause(const struct neighbour *neighbour, struct cause *cause, enum happening what,
                 uint32_t slot, const struct neighbour_clock *clock);
/* The segment of a slot that is an address's. */
unsigned table_segment(const struct neighbour *neighbour, uint32_t slot);
/* The range of such a slot, and the address. */
const struct layout_range *table_place(const struct neighbour *neighbour, uint32_t slot,
                                       struct address *address);
/* Puts the shadow's word back where an outsider wrote `word`; false: the outsider wrote again. */
bool table_restore(struct neighbour *neighbour, uint32_t slot, uint64_t word);
/* This and the next are the only places that change a binding. `mac` is ignored for states without
 * one. */
void table_put(struct neighbour *neighbour, const struct cause *cause, enum slot_state state,
               struct mac mac);
/* The learned binding stays as it is; frozen, or no longer. */
void table_freeze(struct neighbour *neighbour, const struct cause *cause, bool frozen);
/* The learned binding stays as it is; a router's, or no longer, as the cause says. */
void table_put_router(struct neighbour *neighbour, const struct cause *cause);
/* DEAD; with `sponged`, answered with the sponge's MAC. */
void table_put_dead(struct neighbour *neighbour, const struct cause *cause, bool sponged);
void table_set_seen(struct neighbour *neighbour, uint32_t slot, uint32_t seen);

#endif
