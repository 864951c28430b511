/* SPDX-License-Identifier: MIT */
/*
 * The log of incidents, one by one, newest first:
 *
 *     error = incidents_open(&incidents, reader, &query, fault);
 *     while (!error && (error = incidents_next(incidents, &incident)) > 0)
 *             ...
 *     incidents_close(incidents);
 */
#ifndef USER_READER_INCIDENTS_H
#define USER_READER_INCIDENTS_H

#include "base/base.h"
#include "reader/event.h"

struct reader;
struct incidents; /* opaque */

/* An alert as history-format.md has it; texts are "" if it has none. */
struct incident {
	char commit[41];
	int64_t time;
	char kind[32], segment[64], address[ADDRESS_TEXT], mac[32], other[32];
	char subject[256];
};

/* Those that concern the query's address, MAC, prefix or segment, in its time. A repository without
 * the branch has none. -ENOMEM, -EIO. incidents_close() in any case. */
int incidents_open(struct incidents **incidents, struct reader *reader,
                   const struct reader_query *query, struct fault *fault);
/* Reads no more than so many alerts, wanted or not, on the way back from the newest. */
void incidents_bound(struct incidents *incidents, size_t alerts);
/* Whether incidents_next() ended because of that bound; `since` is the time that it reached. */
bool incidents_left(const struct incidents *incidents, int64_t *since);
/* 1; 0: there are no more. */
int incidents_next(struct incidents *incidents, struct incident *incident);
void incidents_close(struct incidents *incidents); /* NULL is fine */

#endif
