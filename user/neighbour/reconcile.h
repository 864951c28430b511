/* SPDX-License-Identifier: MIT */
/* Slots that another program wrote. */
#ifndef USER_NEIGHBOUR_RECONCILE_H
#define USER_NEIGHBOUR_RECONCILE_H

#include "neighbour/state.h"

/* If another program wrote the slot, deals with that. Goes before every event. */
void reconcile_slot(struct neighbour *neighbour, uint32_t slot,
                    const struct neighbour_clock *clock);

#endif
