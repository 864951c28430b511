/* SPDX-License-Identifier: MIT */
/* The control socket's commands that only report (commands.h). */
#ifndef USER_AGENT_REPORT_H
#define USER_AGENT_REPORT_H

#include "agent/state.h"

void report_status(struct agent *agent, const struct control_request *request);
void report_show(struct agent *agent, const struct control_request *request);
void report_stats(struct agent *agent, const struct control_request *request);
void report_watch(struct agent *agent, const struct control_request *request);

#endif
