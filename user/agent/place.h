/* SPDX-License-Identifier: MIT */
/* In which segment an address is that somebody names. */
#ifndef USER_AGENT_PLACE_H
#define USER_AGENT_PLACE_H

#include <stdint.h>

#include "base/base.h"

struct agent;

/* `name` NULL: in the only one that has a place for it. -ENOENT: there is no such segment; -ERANGE:
 * no prefix has the address; -ENOTUNIQ: several segments do. `fault` may be NULL. */
int place_find(unsigned *segment, const struct agent *agent, const char *name, uint32_t address,
               struct fault *fault);

#endif
