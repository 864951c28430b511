/* SPDX-License-Identifier: MIT */
/* Interfaces that are shared with other XDP programs: the detacher (sandbox/detacher.h) for them.
 */
#ifndef USER_AGENT_SHARED_H
#define USER_AGENT_SHARED_H

#include "agent/state.h"

/* Starts the detacher: with all rights, in the network namespace of the interfaces, after
 * offload_prepare(). Without it the agent runs, and the log says so. */
void shared_prepare(struct agent *agent);
/* After ports_attach(): ends the detacher if no port is in a dispatcher, since later ones cannot
 * join one. */
void shared_settle(struct agent *agent);
/* For offload_ask_to_detach(). */
struct detaching shared_detaching(struct agent *agent);

#endif
