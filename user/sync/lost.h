/* SPDX-License-Identifier: MIT */
/* A reference of the hub whose object is gone, as after `git gc --prune=now` during a push. */
#ifndef USER_SYNC_LOST_H
#define USER_SYNC_LOST_H

#include "sync/exchange.h"

/*
 * After a push that failed; `refused`: a branch that was, and that the hub has, or NULL. The hub
 * refuses all pushes as long as it has such a reference, so it is removed there, if it is this
 * node's to write, or only tells what a node has seen. The next exchanges push it anew.
 */
void lost_remove(struct exchange *exchange, const struct sync_branch *refused);

#endif
