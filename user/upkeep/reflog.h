/* SPDX-License-Identifier: MIT */
/* git's logs of references: cut at their old end. Safe beside whoever writes them. */
#ifndef USER_UPKEEP_REFLOG_H
#define USER_UPKEEP_REFLOG_H

#include <time.h>

#include "base/base.h"

/* Cuts the log of a reference ("HEAD", "refs/heads/main") to its newest megabyte, when it has
 * reached two. */
int reflog_limit(const char *git_directory, const char *reference, struct fault *fault);
/* Takes what is older out of all logs, so that they hold no commits from before. */
int reflog_expire(const char *git_directory, time_t before, struct fault *fault);

#endif
