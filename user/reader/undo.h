/* SPDX-License-Identifier: MIT */
/* A revert: which commits of main a name means, and which addresses it left alone. */
#ifndef USER_READER_UNDO_H
#define USER_READER_UNDO_H

#include <stdint.h>

#include "base/base.h"

struct reader;

struct named_commits {
	char name[64];      /* "learn/20261122-000017", or an abbreviated commit */
	char (*commit)[41]; /* ids in hex, oldest first; owned */
	size_t count;
};

/* `name` is a task ("learn/20261122-000017", also with task/ before it), or whatever git rev-parse
 * takes for a commit. -ENOENT: main has neither; -EIO. names_clear() in any case. */
int names_find(struct named_commits *commits, struct reader *reader, const char *name,
               struct fault *fault);
void names_clear(struct named_commits *commits);

/* Calls `handle` for each address that the commit `result` does not have as it was before the
 * commits. The address was changed since, `by` a task or a commit ("": not looked up, there are
 * many). */
int reader_undo_left(struct reader *reader, const struct named_commits *commits, const char *result,
                     void (*handle)(void *context, const char *segment, uint32_t address,
                                    const char *by),
                     void *context, struct fault *fault);

#endif
