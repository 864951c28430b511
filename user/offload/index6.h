/* SPDX-License-Identifier: MIT */
/*
 * The map of places (places.h): mapped, as arpkeeper/index6.h lays it out. Agents before had a hash
 * map of the kernel's, with `struct neigh_key6` and the slot's number, from which places are
 * carried.
 */
#ifndef USER_OFFLOAD_INDEX6_H
#define USER_OFFLOAD_INDEX6_H

#include "offload/carry.h"
#include "offload/index6_lines.h"
#include "offload/types.h"

/* Whether the map with that descriptor is an agent's index for so many addresses. */
enum index6_kind { INDEX6_NONE, INDEX6_FORMER /* a hash map */, INDEX6_LINES };
enum index6_kind index6_kind_of(int fd, uint32_t places);

/* Maps an index for so many addresses, and makes one of a new map; unmapped with index6_close().
 * 0 or -errno. */
int index6_open(union index6_line **line, int fd, uint32_t places);
void index6_close(union index6_line *line, uint32_t places);

/* Visits the places of an open index, or of a map of either kind. 0, what `visit` returned, or
 * -errno. */
int index6_visit_lines(const union index6_line *line, place_visit *visit, void *context);
int index6_visit(int fd, uint32_t places, place_visit *visit, void *context);

/*
 * Fills the sparse slots of `to`, and its index `line`, from those of `from`: by address, as
 * carry_over() does with IPv4. Declared addresses come first; where the new table has fewer sparse
 * slots, learned ones are left out.
 */
int index6_carry(struct carried *carried, union index6_line *line, struct neigh_slot *to,
                 const struct layout *to_layout, int from_fd, const struct neigh_slot *from,
                 const struct layout *from_layout);

#endif
