/* SPDX-License-Identifier: MIT */
/* The life of addresses page by page, each of bounded work. */
#ifndef USER_READER_PAGE_H
#define USER_READER_PAGE_H

#include "base/base.h"
#include "reader/event.h"

struct reader;

struct reader_page {
	const char *before; /* a commit of main's line: only what came before it; NULL: all */
	size_t commits;     /* of the line, that are looked at */
	char next[41];      /* set: `before` of the next page; "": this is the last one */
};

/* As reader_log(), from the page's commit on. A time and a prefix are found by the look-back index.
 * A page may have no event and yet a next one. If `handle` stops it, `next` is "". -ENOENT: main
 * has no such commit; -E2BIG: there is no index, and the history is too long to make one. */
int reader_page(struct reader *reader, const struct reader_query *query, struct reader_page *page,
                int (*handle)(void *context, const struct reader_event *event), void *context,
                struct fault *fault);

#endif
