/* SPDX-License-Identifier: MIT */
/* Start-up: which IPv6 address has which slot, as the program's index says. */
#ifndef USER_AGENT_INHERIT_H
#define USER_AGENT_INHERIT_H

#include "agent/state.h"

/* Between neighbour_new() and the first neighbour_apply(). */
int inherit_places(struct agent *agent, struct fault *fault);

#endif
