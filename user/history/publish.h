/* SPDX-License-Identifier: MIT */
/* Publication: what was committed becomes durable, and the references name it. */
#ifndef USER_HISTORY_PUBLISH_H
#define USER_HISTORY_PUBLISH_H

#include "history/state.h"

/* -ESTALE: others moved main. After any error it can be called again. */
int publish(struct state *state, struct fault *fault);

#endif
