/* SPDX-License-Identifier: MIT */
/* The control socket's command `show` (commands.h). */
#ifndef USER_AGENT_SHOW_H
#define USER_AGENT_SHOW_H

#include "agent/state.h"

void show_command(struct agent *agent, const struct control_request *request);

#endif
