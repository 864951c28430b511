/* SPDX-License-Identifier: MIT */
/* What the running agent alone knows, and a preview must: which addresses are the host's own, so
 * that its table refuses them, and whether it is in a fleet. */
#ifndef USER_WEB_HOST_H
#define USER_WEB_HOST_H

#include <stdbool.h>

#include <jansson.h>

#include "wire/wire.h"

struct host {
	bool asked; /* an agent that keeps this repository has answered */
	bool in_fleet;
	json_t *own; /* owned: {"<segment>/<address>": true}; NULL: none */
};

/* Asks the agent at the control socket, if it keeps the repository at this path. Without one, or if
 * it does not answer, `asked` is false. host_clear() in any case. */
void host_ask(struct host *host, const char *control, const char *repository);
void host_clear(struct host *host);
/* `context`: a struct host. */
bool host_has(void *context, const char *segment, struct address address);

#endif
