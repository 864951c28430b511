/* SPDX-License-Identifier: MIT */
/*
 * The control socket's command `import` (commands.h): a list of bindings goes into the table, as
 * one task. It comes in pieces, which are applied a slice at a time; each is answered when history
 * has taken it in. So a list of any length fills neither the loop nor a queue.
 */
#ifndef USER_AGENT_IMPORTER_H
#define USER_AGENT_IMPORTER_H

#include "agent/state.h"

void importer_command(struct agent *agent, const struct control_request *request);
/* A connection has ended: its import ends with what was applied. The context is the struct agent.
 */
void importer_gone(void *context, uint64_t client);
/* Whether an answer waits for history. */
bool importer_is_waiting(const struct agent *agent);
/* Once a second while history is in `trouble` that lasts. */
void importer_beat(struct agent *agent, const char *trouble);

#endif
