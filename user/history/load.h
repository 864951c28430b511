/* SPDX-License-Identifier: MIT */
/* Start-up, on history's thread. */
#ifndef USER_HISTORY_LOAD_H
#define USER_HISTORY_LOAD_H

#include "history/loading.h"
#include "history/state.h"

/* Makes main hold what was applied, `seed` (NULL: none) and nothing invalid. Then hands all entries
 * to the owner, which learns of the end or of an error through `loading`. */
void load_run(struct state *state, struct loading *loading, struct seed *seed);
/* The owner has its table. Differences from main are recorded as task `recover`. */
int load_finish(struct state *state, struct loading *loading, struct fault *fault);

#endif
