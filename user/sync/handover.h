/* SPDX-License-Identifier: MIT */
/*
 * Hands a request that was fetched to the agent's repository, as a person's push would: git runs
 * the repository's hooks, which judge it, and wait for what comes of it.
 */
#ifndef USER_SYNC_HANDOVER_H
#define USER_SYNC_HANDOVER_H

#include "sync/exchange.h"

/*
 * `id` is in the repository aside. Sets the verdict, and the words that a person would read behind
 * "remote: ", which are cut. 0, or a negative errno and a fault: this machine failed.
 */
int handover_run(const struct exchange *exchange, struct sync_asked *asked, struct fault *fault);

#endif
