/* SPDX-License-Identifier: MIT */
/* Whether there is something to write, and whether it may wait. */
#ifndef USER_HISTORY_DUE_H
#define USER_HISTORY_DUE_H

#include "history/state.h"

/* So much is in memory that it must be written before more is taken. */
bool due_is_large(const struct state *state);
/* Something is to be written, now or later. */
bool due_any(struct state *state);
/* Likewise, but for what waits for the end of open tasks. */
bool due_now(struct state *state);
/* References name all of it already. */
bool due_is_done(const struct state *state);

#endif
