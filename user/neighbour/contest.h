/* SPDX-License-Identifier: MIT */
/* Actions that prove a claim (learn = verified). */
#ifndef USER_NEIGHBOUR_CONTEST_H
#define USER_NEIGHBOUR_CONTEST_H

#include "neighbour/machine.h"

action contest_claim, contest_hint, contest_begin, contest_answer, contest_spoke, contest_silent;
action defend_binding;
/* Where the rest after a conflict is over, the last claimant gets its turn. */
void contest_tick(struct neighbour *neighbour, const struct neighbour_clock *clock);

#endif
