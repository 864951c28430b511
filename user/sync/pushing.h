/* SPDX-License-Identifier: MIT */
#ifndef USER_SYNC_PUSHING_H
#define USER_SYNC_PUSHING_H

#include "sync/exchange.h"

/* Pushes what the remote lacks: branches of others first, so that nobody gets a branch before what
 * its writer had seen. 0, or a negative errno and a fault. */
int pushing_run(struct exchange *exchange, struct fault *fault);

#endif
