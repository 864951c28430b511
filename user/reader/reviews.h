/* SPDX-License-Identifier: MIT */
/* Branches by name: those that were pushed to be looked at, and not merged (review/<anything>), and
 * all that people made. */
#ifndef USER_READER_REVIEWS_H
#define USER_READER_REVIEWS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

struct reader;

struct review {
	const char *branch; /* "review/rack3" */
	char commit[41];
	int64_t time;        /* that commit's, Unix seconds */
	const char *author;  /* its name */
	const char *subject; /* as it stands; neither need be UTF-8 */
	bool merged;         /* main is known to have it */
};

/* Calls `handle` for each, by name; valid during the call. What cannot be read is left out. Stops
 * when it returns non-zero, and returns that; else 0, or a negative errno and a fault. */
int reader_reviews(struct reader *reader, int (*handle)(void *context, const struct review *review),
                   void *context, struct fault *fault);

/* The branches that people may preview and merge, likewise; `commit` and the like are not set. */
int reader_branches(struct reader *reader,
                    int (*handle)(void *context, const struct review *review), void *context,
                    struct fault *fault);

#endif
