/* SPDX-License-Identifier: MIT */
/* What the table made of the proposal in the door becomes the log's next commit. */
#ifndef USER_HISTORY_SETTLE_H
#define USER_HISTORY_SETTLE_H

#include "history/message.h"
#include "history/state.h"

/* The owner's answer has come. If it cannot be committed yet, the door stays answered. */
int settle_answer(struct state *state, struct message *message, struct fault *fault);
/* The proposal is answered, and must be settled before anything that was posted after it. */
bool settle_is_due(const struct state *state);
/* Commits it; the door is free again. */
int settle(struct state *state, struct fault *fault);

#endif
