/* SPDX-License-Identifier: MIT */
/* Which repository a command reads, and opening it. */
#ifndef USER_CLI_SOURCE_H
#define USER_CLI_SOURCE_H

#include "cli/settings.h"
#include "reader/reader.h"

/* That of --repo, of -c, of the agent that --control names, the default one, or else the running
 * agent's. `settings` are loaded. */
int source_open(struct reader **reader, const struct settings *settings, struct fault *fault);

#endif
