/* SPDX-License-Identifier: MIT */
/* Stops an agent, for `stop` and `detach`. */
#ifndef USER_CLI_STOP_H
#define USER_CLI_STOP_H

#include <jansson.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/base.h"

#define STOP_SECONDS 30

/* Asks the agent to stop, and waits until its process has ended, at most STOP_SECONDS.
 * Returns its response (the caller's), or NULL and a fault. */
json_t *stop_agent(FILE *agent, bool keep, struct fault *fault);

#endif
