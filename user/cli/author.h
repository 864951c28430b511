/* SPDX-License-Identifier: MIT */
/* The person whose change a request is, where that is not the user that the command runs as. */
#ifndef USER_CLI_AUTHOR_H
#define USER_CLI_AUTHOR_H

#include <jansson.h>

#include "cli/settings.h"

/* Adds "author" to a request: --author; or, of root, the user who called sudo. `request` may be
 * NULL. */
void author_give(json_t *request, const struct settings *settings);

#endif
