/* SPDX-License-Identifier: MIT */
/* Who claims an address. */
#ifndef USER_NEIGHBOUR_CLAIM_H
#define USER_NEIGHBOUR_CLAIM_H

#include "neighbour/machine.h"

struct claim claim_of(const struct cause *cause);
/* Where the claimant is heard, and whether it says that it is a router. */
void claim_place(struct claim *claim, const struct cause *cause);
/* The cause, as if the claimant had been heard now: this is how claims and contests end. */
struct cause claim_cause(const struct cause *cause, const struct claim *claim);

#endif
