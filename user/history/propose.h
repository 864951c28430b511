/* SPDX-License-Identifier: MIT */
/* Brings a request into the door, and proposes to the table's owner what it asks for. */
#ifndef USER_HISTORY_PROPOSE_H
#define USER_HISTORY_PROPOSE_H

#include "history/state.h"

/* The request's reference named `seen`; NULL: it is a task to undo. Takes over *request unless it
 * fails. Afterwards the request is in the door, or it is concluded. The door must be free. */
int propose_start(struct state *state, struct request **request, const git_oid *seen,
                  struct fault *fault);

#endif
