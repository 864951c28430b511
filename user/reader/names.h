/* SPDX-License-Identifier: MIT */
/* The commits of main that the name of a task or of a commit means. */
#ifndef USER_READER_NAMES_H
#define USER_READER_NAMES_H

#include <git2.h>
#include <stddef.h>

#include "base/base.h"

struct reader;

struct named_commits {
	char name[64]; /* "learn/20261122-000017", or an abbreviated commit */
	git_oid *id;   /* owned; oldest first */
	size_t count, room;
};

/* A task is found by the trailers of main's commits. -ENOENT: main has nothing of this name; -EIO.
 */
int names_resolve(struct named_commits *commits, struct reader *reader, const char *name,
                  struct fault *fault);
void names_clear(struct named_commits *commits);

#endif
