/* SPDX-License-Identifier: MIT */
/*
 * Where the table begins: the prefixes, configured or the interfaces' own; then a three-way merge
 * of what was last applied (base), what the map holds (ours: it outlived the last agent, and other
 * programs may have written it) and what `main` says (theirs: people may have pushed meanwhile).
 * Nothing is attached before it is done.
 */
#ifndef USER_AGENT_STARTUP_H
#define USER_AGENT_STARTUP_H

#include "agent/state.h"

int startup_layout(struct agent *agent, struct fault *fault);
int startup_table(struct agent *agent, struct fault *fault);

/* Functions of struct ledger_options, for a recorder that follows another; context: struct agent.
 */
void startup_reload(void *context, struct history_item *item, bool pending);
void startup_reloaded(void *context);

#endif
