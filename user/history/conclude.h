/* SPDX-License-Identifier: MIT */
/* How a request ends: its waiters get the outcome as soon as everything before it is durable. */
#ifndef USER_HISTORY_CONCLUDE_H
#define USER_HISTORY_CONCLUDE_H

#include "history/state.h"

void conclude_request(struct state *state, struct request *request,
                      const struct history_outcome *outcome);
/* The request in the door, which is free afterwards. */
void conclude_door(struct state *state, const struct history_outcome *outcome);

#endif
