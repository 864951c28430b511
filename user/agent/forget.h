/* SPDX-License-Identifier: MIT */
/*
 * `unset` of an entry of history that no configured segment or prefix has: the table does not know
 * it, and the recorder removes its file.
 */
#ifndef USER_AGENT_FORGET_H
#define USER_AGENT_FORGET_H

#include "agent/state.h"

/* True: it is such an entry, and the client gets its answer. False: the address is within the
 * configuration, or the request names no segment. */
bool forget_outside(struct agent *agent, const struct control_request *request);

#endif
