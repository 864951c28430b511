/* SPDX-License-Identifier: MIT */
/* What this node says becomes commits on its own branches: claims.h has the order of the writes. */
#ifndef USER_HISTORY_OWNBRANCH_H
#define USER_HISTORY_OWNBRANCH_H

#include <stdbool.h>

#include "base/base.h"

struct state;

/* Whether there is something to commit. Without a fleet there is nothing. */
bool ownbranch_waits(const struct state *state);
/* Makes the own branches' commits, and has their references written with the tasks'. */
int ownbranch_commit(struct state *state, struct fault *fault);
/* The floors are written with the tasks' branches. */
int ownbranch_store_floors(struct state *state, struct fault *fault);
/* For `status`. */
void ownbranch_report(const struct state *state);

#endif
