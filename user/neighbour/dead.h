/* SPDX-License-Identifier: MIT */
/* Actions on addresses that no host answers for. */
#ifndef USER_NEIGHBOUR_DEAD_H
#define USER_NEIGHBOUR_DEAD_H

#include "neighbour/machine.h"

action dead_or_empty, dead_again, dead_over, dead_revive, dead_answered;
/* What time did to a DEAD address. */
void dead_look(struct neighbour *neighbour, uint32_t slot, const struct neighbour_clock *clock);
/* The address was heard: its back-off begins anew. */
void dead_forget(struct neighbour *neighbour, uint32_t slot);

#endif
