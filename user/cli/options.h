/* SPDX-License-Identifier: MIT */
/* Parses the command line of a command. */
#ifndef USER_CLI_OPTIONS_H
#define USER_CLI_OPTIONS_H

#include "cli/command.h"

/* Fills the command's struct, which begins with `settings`. argv[0] is "arpkeeper NAME". Prints
 * help and usage errors, and exits then. options_clear() afterwards. */
void options_parse(const struct command *command, struct settings *settings, int argc, char **argv);
/* Sets what `option` ("-c", "--config") is of the command, if it has it: one with a value in the
 * next word, or a flag. */
void options_find(const struct command *command, const char *option, bool *value, bool *flag);
/* Frees the lists of repeated options. */
void options_clear(const struct command *command, struct settings *settings);

#endif
