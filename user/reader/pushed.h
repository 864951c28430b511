/* SPDX-License-Identifier: MIT */
/* What may be pushed, whatever the entries say: which references, and whose commits. */
#ifndef USER_READER_PUSHED_H
#define USER_READER_PUSHED_H

#include <git2.h>
#include <stdbool.h>

#include "base/base.h"

/* NULL: it may be pushed. Else why not, and what to do. `removed`: the push removes it, which is
 * more often allowed. */
const char *pushed_refusal(const char *ref, bool removed);

/* git's quarantine with the pushed objects, if all else is in the repository: a pusher who runs git
 * there may have named other objects. NULL otherwise. */
const char *pushed_quarantine(const char *git_directory);

/* Hears of each commit that a push brings and that names the agent as its committer. */
typedef void pushed_forged_fn(void *context, const git_commit *commit);

/* Looks at the commits that `id` brings: those that were not in the repository before. `repository`
 * is opened with git's quarantine. 0, or a libgit2 error. */
int pushed_commits(git_repository *repository, const git_oid *id, pushed_forged_fn *forged,
                   void *context);

#endif
