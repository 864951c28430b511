/* SPDX-License-Identifier: MIT */
/*
 * What depends on the configuration, built: the recorder, the maps, the table, and what listens. At
 * the start once; and with another configuration anew, while the programs answer from the pinned
 * table. That is the way of a restart, without its end: it loses no request, since the programs are
 * replaced as at a restart, and no change, since everything is recorded before.
 *
 *     renew_prepare(&next, agent, &config, &fault)     what can be refused is refused here
 *     renew_become(agent, next, &fault)
 *
 * The control socket and its clients, the starter of recorders, the instance's lock, and the
 * counts of alerts are not touched. Questions under way are asked again when they are needed.
 */
#ifndef USER_AGENT_RENEW_H
#define USER_AGENT_RENEW_H

#include "agent/state.h"

/* What the agent is to become. */
struct successor;

/* With the ports and the layout known: the recorder, the maps, the table. */
int renew_build(struct agent *agent, struct fault *fault);
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
/* Takes over `next`. Not in a callback of the ledger, of a port or of an event. On an error the
 * agent is what it was before; or, if not even that is possible, it ends (agent->failed). */
int renew_become(struct agent *agent, struct successor *next, struct fault *fault);

#endif
