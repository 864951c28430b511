/* SPDX-License-Identifier: MIT */
/*
 * What the table decided, handed on: frames to the ports, durable changes to history, everything to
 * the watchers. Decides nothing but what the policy on announcing says.
 */
#ifndef USER_AGENT_DECISIONS_H
#define USER_AGENT_DECISIONS_H

#include "agent/state.h"

extern const struct neighbour_ops decisions_ops; /* context: struct agent */

/* Reports a change to the watchers, and to the host's neighbour table. */
void decisions_changed(struct agent *agent, const struct neighbour_change *change);
/* The host has (mac) or no longer has (NULL) this address. */
void decisions_local(struct agent *agent, unsigned segment, uint32_t address,
                     const struct mac *mac);
/* Once a second: reports own addresses again whose declared binding is gone. */
void decisions_beat(struct agent *agent);

#endif
