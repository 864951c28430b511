/* SPDX-License-Identifier: MIT */
/* The sparse slots: taken, given back, and taken away. */
#ifndef USER_NEIGHBOUR_SPARSE_H
#define USER_NEIGHBOUR_SPARSE_H

#include "neighbour/machine.h"
#include "neighbour/place.h"

/* 0 or -ENOMEM. */
int sparse_init(struct neighbour *neighbour);
void sparse_free(struct neighbour *neighbour);
/* The slot of an address in this range of the layout; -1: it has none. */
int64_t sparse_slot(const struct neighbour *neighbour, const struct layout_range *range,
                    struct address address);
/* The same, and an IPv6 address takes one if it has none: for a person, history or the host itself,
 * which take it also from a DYNAMIC address. -1: all are taken, by addresses that stay. */
int64_t sparse_take(struct neighbour *neighbour, const struct layout_range *range,
                    struct address address, const struct neighbour_clock *clock);
/* A free slot, or that of an address of less worth, for an IPv6 address that has none and that a
 * frame speaks of. */
int64_t sparse_take_for(struct neighbour *neighbour, const struct layout_range *range,
                        struct address address, enum neighbour_need need,
                        const struct neighbour_clock *clock);
/* The state of the cause's slot, which is sparse, changed; it is written. */
void sparse_changed(struct neighbour *neighbour, const struct cause *cause, uint8_t before,
                    uint8_t after);
/* A call into the room is over: if the slot is sparse, and nothing is known of its address, it is
 * given back. */
void sparse_settle(struct neighbour *neighbour, uint32_t slot, const struct neighbour_clock *clock);
/* Once a second: whether the next may be called. */
bool sparse_may_drop(const struct neighbour *neighbour, const struct cause *cause);
/* The learned IPv6 address of the MAC that has been silent for longest gives its slot up. False: it
 * has none that is silent. */
bool sparse_drop_oldest(struct neighbour *neighbour, const struct cause *cause);

#endif
