/* SPDX-License-Identifier: MIT */
/* What the answers about the past have in common. */
#ifndef USER_WEB_PAST_H
#define USER_WEB_PAST_H

#include "reader/reader.h"
#include "web/api.h"

#define API_LIMIT  1000   /* rows of an answer */
#define API_ALERTS 10000  /* alerts that are read for one */
#define API_OFFSET 100000 /* rows that are passed over at most */

/* Opens it, for past_close() in any case; no answer makes an index of a long history. */
int past_open(struct reader **reader, const struct api_request *request, struct fault *fault);
/* Closes it (NULL is fine). Returns what a handler returns for this error. */
int past_close(struct reader *reader, int error);
/* The alerts that concern the query, newest first, in a list; `since`: how far back was looked, if
 * not all the way; else null. Both are the caller's. */
int past_alerts(json_t **alerts, json_t **since, struct reader *reader,
                const struct reader_query *query, size_t limit, struct fault *fault);

#endif
