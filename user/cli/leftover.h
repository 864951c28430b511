/* SPDX-License-Identifier: MIT */
/*
 * What answers without an agent: the pinned table and the programs of an instance, for `status` and
 * `stats`. It changes nothing. The commands fail all the same, since no agent is there.
 */
#ifndef USER_CLI_LEFTOVER_H
#define USER_CLI_LEFTOVER_H

#include <jansson.h>

#include "cli/settings.h"

struct leftover {
	const struct settings *settings;
	const char *instance; /* NULL: the configuration's */
	const char *netns;    /* NULL: this one */
};

/* `error` and the fault are of the agent that is not there. Prints what still answers, and adds to
 * the fault what to do. Returns `error`. */
int leftover_status(const struct leftover *leftover, int error, struct fault *fault);
/* The counters as `stats` has them: {"counters": {...}}. NULL: there are none. */
json_t *leftover_counters(const struct leftover *leftover, struct fault *fault);

#endif
