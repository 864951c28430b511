/* SPDX-License-Identifier: MIT */
/* Opens the table's repository: what the store does not know of is written into it. */
#ifndef USER_HISTORY_OPENING_H
#define USER_HISTORY_OPENING_H

#include <git2.h>

#include "base/base.h"
#include "history/archive.h"
#include "history/types.h"

/* Opens or makes it, takes its lock (a descriptor, for repository_release()), and writes what
 * belongs in it: configuration, first commit, hooks. Sets the archive's `host` and `node`. */
int opening_open(git_repository **repository, int *lock, const struct history_options *options,
                 struct archive *archive, struct fault *fault);

#endif
