/* SPDX-License-Identifier: MIT */
/* `arpkeeper fleet retire`. */
#ifndef USER_CLI_RETIRE_H
#define USER_CLI_RETIRE_H

#include <jansson.h>

#include "cli/settings.h"

struct retire_arguments {
	struct settings settings; /* its arguments: "retire", the node */
	bool yes, force;
};

/* `fleet`: what the command `fleet` prints. The exit status, or a negative errno and a fault. */
int retire_run(const struct retire_arguments *arguments, const json_t *fleet, struct fault *fault);

#endif
