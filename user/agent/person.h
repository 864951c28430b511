/* SPDX-License-Identifier: MIT */
/* Who made a request: the author of what it changes. */
#ifndef USER_AGENT_PERSON_H
#define USER_AGENT_PERSON_H

#include "agent/state.h"

/* The login name of the client's user, as of its connection; or the name that the request gives,
 * which only root may. False: it may not, and the client is answered. */
bool person_of(char name[PERSON_TEXT], struct agent *agent, const struct control_request *request);

#endif
