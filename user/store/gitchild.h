/* SPDX-License-Identifier: MIT */
/* git itself, as a child that is waited for: for the upkeep process, hooks, and what is rare. */
#ifndef USER_STORE_GITCHILD_H
#define USER_STORE_GITCHILD_H

#include "base/base.h"

/* Gets each line that git prints, without its end. Non-zero stops. */
typedef int gitchild_line_fn(void *context, char *line);

/* Runs `git -C <git_directory> <arguments>` (NULL-terminated, at most 16), with standard input from
 * a file (NULL: none). `line` may be NULL. -ENOENT: git ended with status 1, which is how some
 * commands say that there is nothing; -EIO: it failed; or what `line` gave. */
int gitchild_run(const char *git_directory, const char *const *arguments, const char *input,
                 gitchild_line_fn *line, void *context, struct fault *fault);

#endif
