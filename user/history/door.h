/* SPDX-License-Identifier: MIT */
/* The request in the door: how it is settled, and how it ends. */
#ifndef USER_HISTORY_DOOR_H
#define USER_HISTORY_DOOR_H

#include "history/state.h"

/* Frees everything. The request's waiters must be gone. */
void door_clear(struct door *door);
/* A reference as people know it: "main", "merge/x". */
const char *door_name(const char *ref);

/* A request ends: its waiters get the outcome as soon as everything before it is durable. */
void door_conclude_request(struct state *state, struct request *request,
                           const struct history_outcome *outcome);
/* The request in the door ends, and the door is free. */
void door_conclude(struct state *state, const struct history_outcome *outcome);

/* The rule decides what the owner has not merged; then the proposal is answered. */
int door_decide(struct state *state, struct fault *fault);
/* The owner's answer has come. If it cannot be committed yet, the door stays answered. */
int door_answer(struct state *state, const struct message *message, struct fault *fault);
/* The proposal is answered, and must be settled before anything that was posted after it. */
bool door_is_answered(const struct state *state);
/* Commits what the table made of the proposal, as the log's next commit; the door is free again. */
int door_settle(struct state *state, struct fault *fault);

#endif
