/* SPDX-License-Identifier: MIT */
/*
 * What depends on the configuration, built: the recorder, the maps, the table. The table begins
 * with a three-way merge of what was last applied (base), what the map holds (ours: it outlived the
 * last agent, and other programs may have written it) and what `main` says (theirs: people may have
 * pushed meanwhile). Nothing is attached before it is done.
 *
 *     build_all(agent, &fault)             the start, before the loop
 *
 *     build_begin(agent)                   while the loop turns
 *     build_step(agent, wait_ms, &fault)   until it is not -EAGAIN
 */
#ifndef USER_AGENT_BUILD_H
#define USER_AGENT_BUILD_H

#include "agent/state.h"

/* The agent has its ports and layout. */
int build_all(struct agent *agent, struct fault *fault);
void build_begin(struct agent *agent);
/* Works for some milliseconds at most, or waits for the recorder, `wait_ms` at most. 0: all is
 * built; -EAGAIN: it is not; another error: what is built stays, for the caller to take down. */
int build_step(struct agent *agent, int wait_ms, struct fault *fault);

#endif
