/* SPDX-License-Identifier: MIT */
/* The nodes of a fleet, as the repository and the agent know them. */
#ifndef USER_CLI_NODES_H
#define USER_CLI_NODES_H

#include <jansson.h>

#include "base/base.h"
#include "reader/reader.h"

#define NODES_SILENT 3600 /* seconds after which a node that said nothing is called silent */

/* [{"node", "state", "why", "segments", "claims", ...}], as docs/json.md has it; this node is the
 * first. `own`: its name; NULL: unknown. `remotes`: as the agent reports them, or NULL. `now`: Unix
 * seconds. NULL and a fault on error. */
json_t *nodes_list(struct reader *reader, const char *own, const json_t *remotes, int64_t now,
                   struct fault *fault);
/* Adds the list to the agent's answer to `stats`, as "nodes": null where there is no fleet, or no
 * `reader`, which a warning then says with the reason in `fault`. */
void nodes_set(json_t *stats, struct reader *reader, struct fault *fault);
/* The member that has this name; NULL: none. Borrowed. */
const json_t *nodes_find(const json_t *nodes, const char *node);

#endif
