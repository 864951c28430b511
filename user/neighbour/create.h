/* SPDX-License-Identifier: MIT */
/* A table and its end. */
#ifndef USER_NEIGHBOUR_CREATE_H
#define USER_NEIGHBOUR_CREATE_H

#include "arpkeeper/slot.h"
#include "neighbour/types.h"

/*
 * `slots` has layout->slots elements, and outlives the table; the layout and the `segments`
 * elements of `policy` are copied. Bindings in the slots are inherited (declare.h). 0; -EINVAL: the
 * layout names a segment beyond `segments`; -ENOMEM.
 */
int neighbour_new(struct neighbour **neighbour, struct neigh_slot *slots,
                  const struct layout *layout, const struct neighbour_policy *policy,
                  unsigned segments, const struct neighbour_ops *ops, void *context,
                  uint32_t random_seed);
/* Start-up, before neighbour_apply(): the address had this sparse slot, whose binding is inherited.
 * False: it cannot have it, and does not. */
bool neighbour_inherit(struct neighbour *neighbour, uint32_t slot, unsigned segment,
                       struct address address);
/* NULL is fine. */
void neighbour_free(struct neighbour *neighbour);

#endif
