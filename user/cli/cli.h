/* SPDX-License-Identifier: MIT */
/*
 * The commands of arpkeeper. main() finds one by its name and performs it:
 *
 *     const struct command *command = commands_find("show");
 *
 *     if (command)
 *             return perform(command, argc, argv);
 *
 * cli.c is the list of commands, and does what all of them have in common. A command's own file has
 * its options and what it does, as a struct command_spec (command.h). options.c parses every
 * command line.
 */
#ifndef USER_CLI_CLI_H
#define USER_CLI_CLI_H

#include "cli/command.h"

/* The last one has no name. */
extern const struct command commands[];

/* NULL: there is none of that name. */
const struct command *commands_find(const char *name);

/* How many words stand before the command: options, and their values. */
int commands_leading(int argc, char **argv);

/* Parses the command line, and does what it says. Returns the exit status; exits itself after
 * --help and usage errors. argv[0] is "arpkeeper NAME". */
int perform(const struct command *command, int argc, char **argv);

#endif
