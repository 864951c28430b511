/* SPDX-License-Identifier: MIT */
/* Where the table begins: the prefixes, configured or the interfaces' own. And how it continues
 * when another recorder starts. */
#ifndef USER_AGENT_STARTUP_H
#define USER_AGENT_STARTUP_H

#include "agent/state.h"

int startup_layout(struct agent *agent, struct fault *fault);

/* Functions of struct ledger_options, for a recorder that follows another; context: struct agent.
 */
void startup_reload(void *context, struct history_item *item, bool pending);
void startup_reloaded(void *context);

#endif
