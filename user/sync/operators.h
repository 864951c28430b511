/* SPDX-License-Identifier: MIT */
/*
 * Requests that people push to the remote, `merge/<name>`, as they would to an agent's repository.
 * The node that holds the lease takes them, one at a time; what came of it is a note on the pushed
 * commit, and then the reference is removed.
 *
 *     operators_take(exchange, fault)    before own branches are pushed
 *     answers_send(exchange, fault)      after that (sync/answers.h)
 *
 * Where an exchange ends between any two steps, the next one finishes: what main has is not merged
 * again, and what has its note is only removed. Everything at the remote was written by others.
 */
#ifndef USER_SYNC_OPERATORS_H
#define USER_SYNC_OPERATORS_H

#include "sync/exchange.h"

#define OPERATORS_NOTES "refs/notes/arpkeeper"
#define OPERATORS_HELD  "refs/fleet/notes/" /* and <remote>: the notes that were fetched */
#define OPERATORS_ROUND 15                  /* requests of an exchange */

/* 0, or a negative errno and a fault; a request that cannot be taken is in the report. */
int operators_take(struct exchange *exchange, struct fault *fault);

#endif
