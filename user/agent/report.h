/* SPDX-License-Identifier: MIT */
/* The control socket's commands that only report (agent/commands.h says what each gives). */
#ifndef USER_AGENT_REPORT_H
#define USER_AGENT_REPORT_H

#include "agent/state.h"

void report_status(struct agent *agent, const struct control_request *request);
void report_show(struct agent *agent, const struct control_request *request);
void report_stats(struct agent *agent, const struct control_request *request);
void report_watch(struct agent *agent, const struct control_request *request);

/* A VLAN: a number for one tag, "OUTER.INNER" for two, null for none (0). */
json_t *report_vlan(uint32_t vlan);
/* "dynamic", "stale", ... */
const char *report_state_name(enum slot_state state);

#endif
