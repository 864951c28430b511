/* SPDX-License-Identifier: MIT */
/* --confirm: the person knows how many addresses will change. */
#ifndef USER_CLI_CONFIRM_H
#define USER_CLI_CONFIRM_H

#include <jansson.h>

#include "cli/settings.h"

/* Adds "confirm" to a request, if the option was given. `request` may be NULL. */
void confirm_give(json_t *request, const struct settings *settings);

#endif
