/* SPDX-License-Identifier: MIT */
/* Whether a program is safe to be run for the operator. */
#ifndef USER_SANDBOX_COMMAND_H
#define USER_SANDBOX_COMMAND_H

#include "base/base.h"

/* Whether only root can change what the path runs: the file, and each folder on its way, is root's,
 * and nobody else may write it (a folder like /tmp, in which everybody removes only what is theirs,
 * will do). A path with links is refused, with the one that has none. The caller must be able to
 * run it. It is checked at the start and before each run. */
int sandbox_check_command(const char *command, struct fault *fault);

#endif
