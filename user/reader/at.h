/* SPDX-License-Identifier: MIT */
/* The table as it was at a time. */
#ifndef USER_READER_AT_H
#define USER_READER_AT_H

#include "entry/entry.h"

struct reader;

/* What main named at a time: the newest commit on its line of first parents that is not later, as
 * `git rev-list -1 --first-parent --before` finds it. */
struct reader_moment {
	char commit[41];
	int64_t time; /* that commit's */
};

/* -ENODATA: nothing is recorded so early; the fault says since when. */
int reader_at(struct reader *reader, struct reader_moment *moment, int64_t time,
              struct fault *fault);

/* Calls `handle`, in path order, for each file of an address at a moment, without reading it: it
 * may not be a valid entry. Stops when `handle` returns non-zero, and returns that if it is
 * negative. */
typedef int reader_file_fn(void *context, const char *segment, struct address address);
int reader_files(struct reader *reader, const struct reader_moment *moment, reader_file_fn *handle,
                 void *context, struct fault *fault);

/* Calls `handle`, in path order, for each address in `prefix` and in `segment` (NULL: all) that
 * differs between two moments. `before` or `after` NULL: absent, or not a valid entry. With `from`
 * NULL that is every entry of the table. Stops when `handle` returns non-zero, and returns that if
 * it is negative. */
typedef int reader_difference_fn(void *context, const char *segment, struct address address,
                                 const struct entry *before, const struct entry *after);
int reader_diff(struct reader *reader, const struct reader_moment *from,
                const struct reader_moment *to, const struct prefix *prefix, const char *segment,
                reader_difference_fn *handle, void *context, struct fault *fault);

#endif
