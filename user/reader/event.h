/* SPDX-License-Identifier: MIT */
/* What can be asked about the life of addresses, and what one answer says. */
#ifndef USER_READER_EVENT_H
#define USER_READER_EVENT_H

#include <stdbool.h>
#include <stddef.h>

#include "entry/entry.h"

/* NULL or 0: does not matter. */
struct reader_query {
	const struct address *address;
	const struct mac *mac; /* that an address had before or after */
	const struct prefix *prefix;
	const char *segment;
	int64_t since, until; /* Unix seconds, both included */
	const char *kind;     /* of task; READER_PUSH: of none, a person's commit */
	const char *by;       /* the author's name */
	size_t limit;
};

#define READER_PUSH "push"

/* What became of a change. */
enum reader_fate {
	READER_TOOK,     /* main took it, and so did the table */
	READER_LOST,     /* main had another one that won, or the table could not have it */
	READER_KNOWN,    /* main had the same already */
	READER_OVERTAKEN /* its own branch changed the address again before it was merged */
};

/* One change of an address. Those that main took are a chain: each begins with what the one before
 * it left. */
struct reader_event {
	char commit[41]; /* that made it */
	char main[41];   /* of main's first parents: that, or the merge that brought it */
	int64_t time;    /* when main took it, or not: Unix seconds */
	const char *segment;
	struct address address;
	const struct entry *before, *after; /* NULL: absent */
	enum reader_fate fate;
	const char
	        *why; /* READER_LOST: "later since", as entry_merge_reason(); or another reason */
	const char *winner; /* READER_LOST: a name or a task, or "" */
	bool begins;        /* the kept history begins here: what was before is not known */
	const char *task;   /* "learn/20261122-000017", or "" */
	const char *interface, *trigger; /* or "" */
	const char *author;              /* name */
	const char *subject;
};

#endif
