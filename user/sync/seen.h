/* SPDX-License-Identifier: MIT */
#ifndef USER_SYNC_SEEN_H
#define USER_SYNC_SEEN_H

#include "sync/exchange.h"

#define SEEN_REFS "refs/fleet/seen/" /* and a node: a blob, "<name>/<name> <tip>" a line */

/*
 * Tells the remote which tips of branches are applied here, if that changed, and reads what other
 * nodes have told it of this node's own: the report's `seen`. 0, or a negative errno and a fault.
 */
int seen_exchange(struct exchange *exchange, struct fault *fault);

#endif
