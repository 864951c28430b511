/* SPDX-License-Identifier: MIT */
/* The list of commands. */
#ifndef USER_CLI_COMMANDS_H
#define USER_CLI_COMMANDS_H

#include "cli/command.h"

/* The last one has no name. */
extern const struct command commands[];

/* NULL: there is none of that name. */
const struct command *commands_find(const char *name);

#endif
