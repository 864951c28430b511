/* SPDX-License-Identifier: MIT */
/* The group whose members may change the table (agent.operators). */
#ifndef USER_AGENT_OPERATORS_H
#define USER_AGENT_OPERATORS_H

#include <sys/types.h>

#include "base/base.h"

/* `name`: of a group, or its number; NULL: no group, (gid_t)-1. -ENOENT: the machine has no such
 * group. May ask a directory service. */
int operators_find(gid_t *group, const char *name, struct fault *fault);

#endif
