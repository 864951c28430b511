/* SPDX-License-Identifier: MIT */
/* Cuts git's logs of references at their old end, also while other processes append to them. */
#ifndef USER_UPKEEP_REFLOG_H
#define USER_UPKEEP_REFLOG_H

#include <time.h>

#include "base/base.h"

/* Cuts the log of a reference ("HEAD", "refs/heads/main") to its newest megabyte, when it has
 * reached two. */
int reflog_limit(const char *git_directory, const char *reference, struct fault *fault);
/* Removes lines older than `before` from all logs, so that they keep no old commits. */
int reflog_expire(const char *git_directory, time_t before, struct fault *fault);

#endif
