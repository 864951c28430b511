/* SPDX-License-Identifier: MIT */
/* How the agent is stopped. */
#ifndef USER_AGENT_ENDING_H
#define USER_AGENT_ENDING_H

#include "agent/state.h"

/* Ends the agent: detaches (unless `keep`), then leaves the loop. On error nothing has ended. */
int ending_begin(struct agent *agent, bool keep, struct fault *fault);

#endif
