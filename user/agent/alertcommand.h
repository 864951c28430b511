/* SPDX-License-Identifier: MIT */
/* agent.alert-command: alerts as JSON, on their way to the courier (sandbox/courier.h). */
#ifndef USER_AGENT_ALERTCOMMAND_H
#define USER_AGENT_ALERTCOMMAND_H

#include "agent/state.h"

#define ALERTCOMMAND_WORDS 256

/* Starts the courier, if the key is set. As root, before there are threads. */
int alertcommand_prepare(struct agent *agent, struct fault *fault);
/* `news`: the alert gives way to others. Never waits. Without the key it does nothing. */
void alertcommand_pass(struct agent *agent, const struct history_alert *alert, uint32_t vlan,
                       bool news);
/* Once a second. True: that alerts are not passed on is an alert itself, with these words. It is
 * not for the command. */
bool alertcommand_fails(struct agent *agent, char words[ALERTCOMMAND_WORDS]);
/* What became of the alerts since the start, for `status` and `stats`; null without the key. */
json_t *alertcommand_json(const struct agent *agent);

#endif
