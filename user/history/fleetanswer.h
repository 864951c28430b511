/* SPDX-License-Identifier: MIT */
/* The proposal in the door is answered: the fleet's is recorded, and people's become words. */
#ifndef USER_HISTORY_FLEETANSWER_H
#define USER_HISTORY_FLEETANSWER_H

#include "history/state.h"

/* The proposal in the door is the fleet's, and is answered: records it. The door is free then. */
int fleetanswer_settle(struct state *state, struct fault *fault);
/* The owner merges no further item. Those are gathered again at the next start. */
void fleetanswer_cancel(struct state *state);

/* What people ask for becomes this node's words: decides those of the proposal in the door, whose
 * results then have the claims' times. Again after an error. */
int fleetanswer_word(struct state *state, struct fault *fault);
/* They are recorded. */
void fleetanswer_say(struct state *state);

#endif
