/* SPDX-License-Identifier: MIT */
/* The commits of main that the name of a task or of a commit means. */
#ifndef USER_READER_NAMES_H
#define USER_READER_NAMES_H

#include <stddef.h>

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

#endif
