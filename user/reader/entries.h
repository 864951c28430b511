/* SPDX-License-Identifier: MIT */
/* All entries of main: one after the other, or judged. */
#ifndef USER_READER_ENTRIES_H
#define USER_READER_ENTRIES_H

#include "entry/entry.h"

struct reader;

struct reader_entry {
	const char *segment;
	struct address address;
	const struct entry *entry; /* valid during the call, like the rest */
};

struct reader_entries {
	const char *segment; /* NULL: of all segments */
	int (*handle)(void *context, const struct reader_entry *entry);
	/* Called for each file that is not a valid entry. */
	void (*problem)(void *context, const char *path, const char *reason);
	void *context;
};

/* Whether main has one segment, so that it need not be named. */
bool reader_has_one_segment(const struct reader *reader);

/* Calls `handle` for each entry of main within the configured prefixes, by segment and address.
 * Stops when it returns non-zero, and returns that; else 0, or a negative errno and a fault. */
int reader_entries(struct reader *reader, const struct reader_entries *wanted, struct fault *fault);

/* Calls `problem` for each invalid path. Returns how many valid entries are within the configured
 * segments and prefixes (outside.h has the others), or a negative errno; -EINVAL when the
 * repository is not one of arpkeeper's. */
int64_t reader_check(struct reader *reader,
                     void (*problem)(void *context, const char *path, const char *reason),
                     void *context, struct fault *fault);

#endif
