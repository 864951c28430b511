/* SPDX-License-Identifier: MIT */
/*
 * The fleet in the door: where main is not what the view says, the owner is asked, with one
 * proposal at a time, source "fleet". What the table makes of it is recorded as task `sync`, with
 * one parent, so that the log of a path on main is that address's life. Where they agree, nothing
 * is proposed.
 */
#ifndef USER_HISTORY_FLEETDOOR_H
#define USER_HISTORY_FLEETDOOR_H

#include "history/state.h"

/* The door is free: looks at what was fetched, claims what is due, and proposes what is in doubt.
 */
int fleetdoor_step(struct state *state, struct fault *fault);
/* When the next learned address is claimed: arms the timer. */
void fleetdoor_arm(struct state *state);

#endif
