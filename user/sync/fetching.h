/* SPDX-License-Identifier: MIT */
#ifndef USER_SYNC_FETCHING_H
#define USER_SYNC_FETCHING_H

#include "sync/exchange.h"

/* Fetches the branches whose tip is new. A branch that is left out is in the report. 0, or a
 * negative errno and a fault: the remote was lost, or this machine failed. */
int fetching_run(struct exchange *exchange, struct fault *fault);

#endif
