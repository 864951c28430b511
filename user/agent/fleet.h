/* SPDX-License-Identifier: MIT */
/*
 * Exchanges with the fleet's remotes: when, and what became of them. A process does one
 * (`arpkeeper hook sync`), as the recorder's user, run by a courier for each remote, so that a
 * remote that hangs holds up no other. It reports by the command `synced`; then history looks at
 * what came.
 *
 * A remote is asked every `poll`, give or take a quarter. Quiet, or a failure, doubles that, to a
 * minute at most. When history has published something, the remotes get it within a second.
 */
#ifndef USER_AGENT_FLEET_H
#define USER_AGENT_FLEET_H

#include "agent/state.h"

/* As root, before the network namespace is entered: forks the couriers. No fleet: nothing. */
int fleet_prepare(struct agent *agent, struct fault *fault);
/* The first exchanges begin. */
void fleet_begin(struct agent *agent);
/* No more of them begin. The couriers end, with what they run, five seconds later at most. */
void fleet_end(struct agent *agent);
void fleet_clear(struct agent *agent);

/* {"report"}: of an exchange, from the process that did it: root, or the recorder's user. */
void fleet_synced(struct agent *agent, const struct control_request *request);
/* {"remote"?}: exchanges with all, or that one, now; the client is answered when it is done. */
void fleet_command(struct agent *agent, const struct control_request *request);

/* [{"remote", "url", "fetch", "push", "running", "succeeded", "error", …}]; null: no fleet. */
json_t *fleet_json(const struct agent *agent);

#endif
