/* SPDX-License-Identifier: MIT */
/* Which commits of main the name of a task or of a commit means. */
#ifndef USER_READER_NAMES_H
#define USER_READER_NAMES_H

#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "store/store.h"

struct reader;

/* A commit of one of several tasks that have the same id. */
struct named_candidate {
	unsigned task; /* 1, 2, ...: which of them */
	char commit[41];
	int64_t time;      /* committer's, Unix seconds */
	char host[64];     /* whose agent made it */
	char subject[128]; /* cut off */
};

#define NAMED_CANDIDATES 20 /* listed at most */

struct named_commits {
	char name[TASK_ID_MAX]; /* "learn/20261122-gateway-000017", or an abbreviated commit */
	char (*commit)[41];     /* ids in hex, oldest first; owned */
	size_t count;
	struct named_candidate *candidate; /* owned; only if the name means several tasks */
	size_t candidates;
};

/* `name` is a task ("learn/20261122-gateway-000017", also with task/ before it), or whatever git
 * rev-parse takes for a commit. -ENOENT: main has neither; -ENOTUNIQ: several tasks have this id,
 * see `candidate`; -EIO. names_clear() in any case. */
int names_find(struct named_commits *commits, struct reader *reader, const char *name,
               struct fault *fault);
void names_clear(struct named_commits *commits);

#endif
