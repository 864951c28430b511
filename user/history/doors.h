/* SPDX-License-Identifier: MIT */
/* Other people's changes: main moved by others, merge requests, and tasks to undo, one by one. */
#ifndef USER_HISTORY_DOORS_H
#define USER_HISTORY_DOORS_H

#include "history/message.h"
#include "history/state.h"

/* Looks at main and at the merge requests. */
int doors_look(struct state *state, struct fault *fault);
/* Queues a person's request. */
void doors_request(struct state *state, struct message *message);
/* Goes on with the request in the door, or takes up the next. */
int doors_step(struct state *state, struct fault *fault);
/* Drops everything; the waiters move to the state's. */
void doors_clear(struct state *state);

#endif
