/* SPDX-License-Identifier: MIT */
/*
 * The commands of arpkeeper. main() finds one by its name and performs it:
 *
 *     const struct command *command = commands_find("show");
 *
 *     if (command)
 *             return perform(command, argc, argv);
 *
 * commands.c is the list of commands. A command's own file has its options and what it does, as a
 * struct command_spec (command.h). options.c parses every command line, and perform.c does what all
 * commands have in common: settings, printing a fault, the exit status.
 */
#ifndef USER_CLI_CLI_H
#define USER_CLI_CLI_H

#include "cli/command.h"
#include "cli/commands.h"
#include "cli/perform.h"

#endif
