/* SPDX-License-Identifier: MIT */
/* Actions on addresses that no host answers for. */
#ifndef USER_NEIGHBOUR_DEAD_H
#define USER_NEIGHBOUR_DEAD_H

#include "neighbour/machine.h"

action dead_or_empty, dead_again, dead_over, dead_revive, dead_answered;
/* What time did to a DEAD address. */
void dead_look(struct neighbour *neighbour, uint32_t slot, const struct neighbour_clock *clock);
/* Whether its back-off would go on if it were found dead now. */
bool dead_is_remembered(const struct neighbour *neighbour, uint32_t slot, uint32_t now);
/* The address was heard: its back-off begins anew. */
void dead_forget(struct neighbour *neighbour, uint32_t slot);

#endif
