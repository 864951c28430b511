/* SPDX-License-Identifier: MIT */
/*
 * The one funnel of alerts. Each is counted, by kind. Those that the limiter passes go to the log,
 * to the watchers, to agent.alert-command, and to history, which makes each a commit on the branch
 * `alerts`. One line sums up those held back, once a minute or when they end. An alert held back
 * costs no allocation.
 */
#ifndef USER_AGENT_ALERTS_H
#define USER_AGENT_ALERTS_H

#include "agent/state.h"

/* Something is wrong, or new. The alert is copied. The context is the struct agent. */
void alerts_raise(void *context, const struct neighbour_alert *alert);
/* Once a second: floods, an alert command that fails, and the summary of what was held back. */
void alerts_beat(struct agent *agent);
/* The agent is about to end: the summary, if anything was held back. */
void alerts_end(struct agent *agent);
/* [{"kind", "raised": N, "held_back": N}, ...] */
json_t *alerts_json(const struct agent *agent);

/* A recorder ended: `words` say why. */
void alerts_recorder(struct agent *agent, const char *words);
/* History found an incident; the context is the struct agent. The alert is copied. */
void alerts_found(void *context, const struct history_alert *found);

#endif
