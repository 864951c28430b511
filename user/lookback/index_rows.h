/* SPDX-License-Identifier: MIT */
/* Adds rows to the look-back index, and finds them. -EBADMSG everywhere: the index is damaged. */
#ifndef USER_LOOKBACK_INDEX_ROWS_H
#define USER_LOOKBACK_INDEX_ROWS_H

#include <stdint.h>

#include "base/base.h"
#include "lookback/index.h"

/* The number of a segment's name, which is added if it is new. 0, -ENOSPC, -ENOMEM. */
int index_segment(struct index *index, uint16_t *number, const char *name);

/* Adds a commit to memory; changes added before the next commit belong to it. -ENOMEM; -EFBIG: the
 * index is full. */
int index_add_commit(struct index *index, const struct index_commit *commit);
int index_add_change(struct index *index, const struct index_change *change);

/* Writes what was added to the file, if the index has one that it may write. It is not synced: if a
 * power cut removes rows, the next reader notices. After an error the file is not used. */
int index_flush(struct index *index, struct fault *fault);

/* The number of commit rows. */
uint32_t index_commits(const struct index *index);
/* The earliest time of a commit that is or was on the line; INT64_MAX: there is none. */
int64_t index_least(const struct index *index);
/* Whether rows have left the line: main was replaced by a branch that had merged it. */
bool index_is_turned(const struct index *index);
/* NULL: no segment has this number. */
const char *index_segment_name(const struct index *index, uint16_t number);

/* The commit of a row. */
int index_commit_at(struct index *index, uint32_t ordinal, struct index_commit *commit);
/* The row of a commit, the first if it has two: after those of its parents. 0, -ENOENT. */
int index_find(struct index *index, const git_oid *id, uint32_t *ordinal);

/*
 * The line is what main has named. Calls `handle` for its rows, newest first, until it returns
 * non-zero, and returns that; or 0. May skip blocks whose rows are all later than `time`.
 */
typedef int index_line_fn(void *context, uint32_t ordinal, const struct index_commit *commit);
int index_line(struct index *index, int64_t time, index_line_fn *handle, void *context);

/* Calls `handle` for each change of an address, or (`mac` not NULL) from or to a MAC, newest first,
 * until it returns non-zero, and returns that; or 0. `handle` must not ask the index for rows. */
typedef int index_change_fn(void *context, const struct index_change *change);
int index_scan(struct index *index, const struct address *address, const struct mac *mac,
               index_change_fn *handle, void *context);

#endif
