/* SPDX-License-Identifier: MIT */
/*
 * The command `reconcile` of users who may not change: the hook of a push sends it, and any local
 * user may. However many ask, history looks at few references at a time, and those who ask for the
 * same one share a look that begins after they asked.
 */
#ifndef USER_AGENT_RECONCILER_H
#define USER_AGENT_RECONCILER_H

#include "agent/state.h"

/* `ref`: a full name; NULL: main. */
void reconciler_ask(struct agent *agent, uint64_t client, const char *ref);
/* Once a second while history is in `trouble` that lasts. */
void reconciler_beat(struct agent *agent, const char *trouble);
/* When history is closed. */
void reconciler_clear(struct agent *agent);

#endif
