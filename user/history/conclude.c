// SPDX-License-Identifier: MIT
/* Hands a request's waiters to the next publication. */
#include "history/conclude.h"

#include "history/waiters.h"

void conclude_request(struct state *state, struct request *request,
                      const struct history_outcome *outcome)
{
	waiters_set_outcome(&request->waiters, outcome);
	mails_move(&state->waiters, &request->waiters);
	state->urgent = true;
}

void conclude_door(struct state *state, const struct history_outcome *outcome)
{
	conclude_request(state, state->door.request, outcome);
	door_clear(&state->door);
}
