/* SPDX-License-Identifier: MIT */
/* Performs a command. */
#ifndef USER_CLI_PERFORM_H
#define USER_CLI_PERFORM_H

#include "cli/command.h"

/* Parses the command line, and does what it says. Returns the exit status; exits itself after
 * --help and usage errors. argv[0] is "arpkeeper NAME". */
int perform(const struct command *command, int argc, char **argv);

#endif
