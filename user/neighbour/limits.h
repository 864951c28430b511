/* SPDX-License-Identifier: MIT */
/* How much is learned, from which MAC, and how fast. A refused sender is counted, with an alert. */
#ifndef USER_NEIGHBOUR_LIMITS_H
#define USER_NEIGHBOUR_LIMITS_H

#include "neighbour/machine.h"

/* 0 or -ENOMEM. */
int limits_init(struct neighbour *neighbour);
void limits_free(struct neighbour *neighbour);
/* A slot's binding changes, by this cause; goes with every table_put(). True: its MAC has too many
 * addresses now, and that is to be reported when the change is done. */
bool limits_change(struct neighbour *neighbour, const struct cause *cause, union binding before,
                   union binding after);
void limits_report(struct neighbour *neighbour, const struct cause *cause, struct mac mac);
/* Whether the segment may have one more learned address: of any MAC; of the sender. */
bool limits_may_resolve(const struct neighbour *neighbour, const struct cause *cause);
bool limits_may_learn(struct neighbour *neighbour, const struct cause *cause);
/* Whether the sender may have the address of another MAC. */
bool limits_may_move(struct neighbour *neighbour, const struct cause *cause);
/* The sender got the address: counts for its rate. */
void limits_learned(struct neighbour *neighbour, const struct cause *cause);
/* Whether there is room for one more claim or contest. */
bool limits_may_prove(struct neighbour *neighbour, const struct cause *cause);
/* No slot is left for an IPv6 address that was heard. */
void limits_no_slot(struct neighbour *neighbour, unsigned segment, struct address address);
/* A slot was given back. */
void limits_slots(struct neighbour *neighbour);
uint64_t limits_refused(const struct neighbour *neighbour);

#endif
