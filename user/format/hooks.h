/* SPDX-License-Identifier: MIT */
/* The hooks that git runs: on a push, and for a new work tree. */
#ifndef USER_FORMAT_HOOKS_H
#define USER_FORMAT_HOOKS_H

#include <git2.h>

#include "base/base.h"

/* `program`: absolute path of this binary; NULL: no hooks. Hooks that arpkeeper did not write stay.
 */
int hooks_install(git_repository *repository, const char *program, struct fault *fault);

#endif
