/* SPDX-License-Identifier: MIT */
/*
 * The fleet at a start. The index is read from the trees of all node branches, which are what main
 * had. Then main is compared with it, file by file, as it is read for the owner:
 *
 *     claims_read(state, fault)                 the index
 *     claims_found(claims, ..., &foreign)       for each file of main
 *     claims_begin(state, &kept, fault)         the owner has its table
 *
 * What main has and nobody claims becomes this node's: all of it at the first start in a fleet, and
 * what was waiting for its turn at others.
 */
#ifndef USER_HISTORY_CLAIMLOAD_H
#define USER_HISTORY_CLAIMLOAD_H

#include "history/claims.h"

int claims_read(struct state *state, struct fault *fault);
/* What was applied, and what main has; NULL: nothing. `*foreign`: the entry is another node's. 0 or
 * -ENOMEM. */
int claims_found(struct claims *claims, unsigned segment, struct address address,
                 const git_oid *before, const git_oid *after, bool *foreign);
/* Says what happened since the last start: what people did to main, what the table has that main
 * has not (`kept`, which is about to be recorded, and gets the claims' times), and what nobody
 * claims. Of the host's own addresses (`own`) it says nothing. Again after an error. */
int claims_begin(struct state *state, struct transitions *kept, const struct addresses *own,
                 struct fault *fault);

#endif
