/* SPDX-License-Identifier: MIT */
/* The map of places (places.h), by its descriptor. */
#ifndef USER_OFFLOAD_INDEX6_H
#define USER_OFFLOAD_INDEX6_H

#include "offload/carry.h"
#include "offload/types.h"

int index6_put(int fd, unsigned segment, struct address address, uint32_t slot);
int index6_remove(int fd, unsigned segment, struct address address);
int index6_visit(int fd, place_visit *visit, void *context);

/*
 * Fills the sparse slots of `to`, and the map `to_fd`, from those of `from`: by address, as
 * carry_over() does with IPv4. Declared addresses come first; where the new table has fewer sparse
 * slots, learned ones are left out.
 */
int index6_carry(struct carried *carried, int to_fd, struct neigh_slot *to,
                 const struct layout *to_layout, int from_fd, const struct neigh_slot *from,
                 const struct layout *from_layout);

#endif
