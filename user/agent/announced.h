/* SPDX-License-Identifier: MIT */
/* Which addresses are announced: the table's local and static ones, as `announce` says. */
#ifndef USER_AGENT_ANNOUNCED_H
#define USER_AGENT_ANNOUNCED_H

#include "agent/state.h"

extern const struct announce_ops announced_ops; /* context: struct agent */

/* Whether policy has an address in this state announced. */
bool announced_is_wanted(const struct agent *agent, unsigned segment, enum slot_state state);

#endif
