/* SPDX-License-Identifier: MIT */
/* What one commit changed. */
#ifndef USER_READER_EVENT_H
#define USER_READER_EVENT_H

#include <git2.h>

#include "base/base.h"
#include "reader/query.h"

struct reader;

struct reader_events {
	struct reader *reader;
	struct reader_query query;
	size_t reported;
	int (*handle)(void *context, const struct reader_event *event);
	void *context;
	int stop; /* what handle returned */
	struct fault reason;
};

/* Calls `handle` for each change of the commit that the query wants. 0; READER_STOPPED when the
 * caller has enough; or a negative libgit2 error. */
int reader_events_of(struct reader_events *events, const git_oid *commit);

#endif
