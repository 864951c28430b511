/* SPDX-License-Identifier: MIT */
/* git itself, as a child that is waited for. For the upkeep process only: the agent never waits. */
#ifndef USER_HISTORY_GITCHILD_H
#define USER_HISTORY_GITCHILD_H

#include <stddef.h>

#include "log/fault.h"

/* Runs `git -C <git_directory> <arguments>` (NULL-terminated, at most 16), with standard input from
 * a file (NULL: none). Its output, if wanted, is malloc'ed text; NULL: to nowhere. -EIO: it failed.
 */
int gitchild_run(char **output, const char *git_directory, const char *const *arguments,
                 const char *input, struct fault *fault);

#endif
