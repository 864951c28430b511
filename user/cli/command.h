/* SPDX-License-Identifier: MIT */
/* The subcommands, as main() finds them. Each parses its own options and returns an exit status. */
#ifndef USER_CLI_COMMAND_H
#define USER_CLI_COMMAND_H

#define EXIT_OK     0
#define EXIT_FAILED 1
#define EXIT_USAGE  2

/* argv[0] is "arpkeeper <command>". */
int command_run(int argc, char **argv);
int command_status(int argc, char **argv);
int command_show(int argc, char **argv);
int command_set(int argc, char **argv);
int command_unset(int argc, char **argv);
int command_import(int argc, char **argv);
int command_export(int argc, char **argv);
int command_merge(int argc, char **argv);
int command_revert(int argc, char **argv);
int command_log(int argc, char **argv);
int command_at(int argc, char **argv);
int command_diff(int argc, char **argv);
int command_watch(int argc, char **argv);
int command_stats(int argc, char **argv);
int command_check(int argc, char **argv);
int command_stop(int argc, char **argv);
int command_detach(int argc, char **argv);
/* Called by git, not by people: `hook pre-receive`, `hook post-receive`. */
int command_hook(int argc, char **argv);

#endif
