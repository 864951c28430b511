/* SPDX-License-Identifier: MIT */
/*
 * Proposes to undo commits: the base of each address is what they left there, and theirs is what
 * was before. An address that changed since is left alone (entry_undo()).
 */
#ifndef USER_HISTORY_REVERT_H
#define USER_HISTORY_REVERT_H

#include "history/state.h"

/* Takes over *request unless it fails. Afterwards the request is in the door, or it is concluded.
 * The door must be free. */
int revert_start(struct state *state, struct request **request, struct fault *fault);

#endif
