/* SPDX-License-Identifier: MIT */
/* Opens the repository that a command reads. */
#ifndef USER_CLI_SOURCE_H
#define USER_CLI_SOURCE_H

#include "cli/settings.h"
#include "reader/reader.h"

/* The path of the agent's repository, malloc'ed, where --control alone says which one is meant;
 * else NULL: settings->repository is. */
char *source_path(const struct settings *settings);
/* Opens the repository of --repo, of -c, of the agent that --control names, the default one, or
 * else the running agent's. */
int source_open(struct reader **reader, const struct settings *settings, struct fault *fault);
/* Opens the repository of the running agent, which must be there. */
int source_open_agents(struct reader **reader, const struct settings *settings,
                       struct fault *fault);

#endif
