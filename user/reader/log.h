/* SPDX-License-Identifier: MIT */
/* The life of addresses: what can be asked about it, and what one answer says. */
#ifndef USER_READER_LOG_H
#define USER_READER_LOG_H

#include "entry/entry.h"

/* NULL or 0: does not matter. */
struct reader_query {
	const uint32_t *address;
	const struct mac *mac; /* that an address had before or after */
	const char *segment;
	size_t limit;
};

/* One transition of an address. */
struct reader_event {
	char commit[41];
	int64_t time; /* committer's, Unix seconds */
	const char *segment;
	uint32_t address;
	const struct entry *before, *after; /* NULL: absent */
	bool begins;      /* the kept history begins here: what was before is not known */
	const char *task; /* "learn/20261122-000017", or "" */
	const char *interface, *trigger; /* or "" */
	const char *author;              /* name */
	const char *subject;
};

struct reader;

/* Calls `handle` for each transition in the history of main, merged commits included, newest
 * first, until it returns non-zero. For an address or a MAC it uses the look-back index, and makes
 * one if there is none. -EINVAL: the repository is not one of arpkeeper's. */
int reader_log(struct reader *reader, const struct reader_query *query,
               int (*handle)(void *context, const struct reader_event *event), void *context,
               struct fault *fault);

#endif
