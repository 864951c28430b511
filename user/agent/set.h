/* SPDX-License-Identifier: MIT */
/*
 * The control socket's commands `set` and `unset` (commands.h): an operator declares and removes
 * bindings, one or a range of them as one task.
 */
#ifndef USER_AGENT_SET_H
#define USER_AGENT_SET_H

#include "agent/state.h"

void set_command(struct agent *agent, const struct control_request *request);
void set_command_unset(struct agent *agent, const struct control_request *request);

#endif
