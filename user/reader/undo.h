/* SPDX-License-Identifier: MIT */
/* Which addresses a revert left alone. */
#ifndef USER_READER_UNDO_H
#define USER_READER_UNDO_H

#include "base/base.h"
#include "wire/wire.h"

struct reader;
struct named_commits;

/* Calls `handle` for each address that the commit `result` does not have as it was before the
 * commits. The address was changed since, `by` a task or a commit ("": not looked up, there are
 * many). */
int reader_undo_left(struct reader *reader, const struct named_commits *commits, const char *result,
                     void (*handle)(void *context, const char *segment, struct address address,
                                    const char *by),
                     void *context, struct fault *fault);

#endif
