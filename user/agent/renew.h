/* SPDX-License-Identifier: MIT */
/*
 * Another configuration for the running agent. It goes the way of a restart (build.h), without its
 * end, while the programs answer from the pinned table. It loses no request, since the programs are
 * replaced as at a restart, and no change, since everything is recorded before.
 *
 *     renew_prepare(&next, agent, &config, &fault)     what can be refused is refused here
 *     renew_become(agent, next, on_done)
 *
 * It is done in steps, with a turn of the loop after each. Until it is done, clients and events
 * wait, and no timer of the table runs. The control socket and its clients, the starter of
 * recorders, the instance's lock, and the counts of alerts are not touched. Questions under way are
 * asked again when they are needed.
 */
#ifndef USER_AGENT_RENEW_H
#define USER_AGENT_RENEW_H

#include "agent/state.h"

/* What the agent is to become: struct successor. */

void renew_init(struct agent *agent);
/* From now on the loop notices events and changes of interfaces. */
int renew_listen(struct agent *agent, struct fault *fault);
/* No longer: the loop must turn once more. */
void renew_deafen(struct agent *agent);

/* Makes and checks it beside the running agent, which does not change. Takes over `config`, also on
 * an error. */
int renew_prepare(struct successor **next, struct agent *agent, struct config *config,
                  struct fault *fault);
const struct config *renew_config(const struct successor *next);
/* NULL is fine. */
void renew_drop(struct successor *next);
/* Takes over `next`, and begins. Not in a callback of the ledger, of a port or of an event. `done`
 * is called when it is over. After an error the agent is what it was before; or, if not even that
 * is possible, it ends (agent->failed). */
void renew_become(struct agent *agent, struct successor *next,
                  void (*done)(struct agent *agent, int error, const struct fault *fault));
/* Once a second: keeps the programs answering. True: something is under way, and nothing else may
 * look at the table. */
bool renew_beat(struct agent *agent);
/* Does the rest of what is under way at once. */
void renew_finish(struct agent *agent);

#endif
