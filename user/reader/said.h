/* SPDX-License-Identifier: MIT */
/* What the nodes of a fleet said, all of them woven by time: the history of their branches. */
#ifndef USER_READER_SAID_H
#define USER_READER_SAID_H

#include "fleet/fleet.h"
#include "reader/event.h"

struct reader;

/* One file of one commit. */
struct reader_said {
	const char *node, *segment;
	struct address address;
	char commit[41];
	int64_t time;                             /* by that node's clock */
	const struct claim_value *before, *after; /* NULL: none, or not a claim */
	bool begins; /* the kept history begins here: what was before is not known */
	const char *subject;
};

/* Calls `handle` for each change of each node's branch, the newest first, until it returns
 * non-zero; that is returned, if it is negative. Of one branch its commits come in its order,
 * whatever their times. Holds one commit of each branch. Of the query `kind` does not matter, and
 * `by` is a node. 0, or a negative errno and a fault. */
int reader_said(struct reader *reader, const struct reader_query *query,
                int (*handle)(void *context, const struct reader_said *said), void *context,
                struct fault *fault);

#endif
