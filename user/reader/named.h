/* SPDX-License-Identifier: MIT */
/* What a name for a merge means, and the command that merges it. */
#ifndef USER_READER_NAMED_H
#define USER_READER_NAMED_H

#include <git2.h>

#include "base/base.h"

struct named {
	char *name;      /* owned: as people know it: "review/x", or what was asked for */
	char *reference; /* owned: "refs/heads/review/x"; of a commit the branch that the command
	                    makes */
	git_oid commit;
	bool is_branch;
};

/* A branch, as `arpkeeper merge` takes it; else a commit, as git does. -ENOENT: neither; -EINVAL:
 * what is never merged. named_clear() in any case. */
int named_find(struct named *named, git_repository *repository, const char *name,
               struct fault *fault);
void named_clear(struct named *named);
/* What to type in a shell to merge it, with --confirm unless `confirm` is 0. `path`: the
 * repository's. malloc'ed; NULL: out of memory. */
char *named_command(const struct named *named, const char *path, size_t confirm);

#endif
