/* SPDX-License-Identifier: MIT */
/* What can be asked about the life of addresses, and what one answer says. */
#ifndef USER_READER_QUERY_H
#define USER_READER_QUERY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

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

#endif
