/* SPDX-License-Identifier: MIT */
/* agent.alert-command: alerts as JSON, on their way to the courier (sandbox/courier.h). */
#ifndef USER_AGENT_ALERTCOMMAND_H
#define USER_AGENT_ALERTCOMMAND_H

#include "agent/state.h"

/* Starts the courier, if the key is set. As root, before there are threads. */
int alertcommand_prepare(struct agent *agent, struct fault *fault);
/* `news`: the alert gives way to others. Never waits. Without the key it does nothing. */
void alertcommand_pass(struct agent *agent, const struct history_alert *alert, uint32_t vlan,
                       bool news);

#endif
