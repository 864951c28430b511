/* SPDX-License-Identifier: MIT */
/* What `revert` reads: the commits that a name means, and which addresses were left alone. */
#ifndef USER_READER_UNDO_H
#define USER_READER_UNDO_H

#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

struct reader;
struct reader_undo;

/* `name` is a task ("learn/20261122-000017", also with task/ before it), or whatever git rev-parse
 * takes for a commit. -ENOENT: main has neither; -EIO. */
int reader_undo_find(struct reader_undo **undo, struct reader *reader, const char *name,
                     struct fault *fault);
/* The task, or the commit's abbreviated id. */
const char *reader_undo_name(const struct reader_undo *undo);
/* The commits' ids in hex, oldest first; valid as long as the undo is. */
const char *const *reader_undo_commits(const struct reader_undo *undo, size_t *count);
void reader_undo_free(struct reader_undo *undo);
/* Calls `handle` for each address that the commit `result` does not have as it was before. The
 * address was changed since, `by` a task or a commit ("": not looked up, there are many). */
int reader_undo_left(struct reader *reader, const struct reader_undo *undo, const char *result,
                     void (*handle)(void *context, const char *segment, uint32_t address,
                                    const char *by),
                     void *context, struct fault *fault);

#endif
