/* SPDX-License-Identifier: MIT */
/* The command line: finds the subcommand, and hands it the rest. */
#include <argp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/command.h"

#define NAME_MAX_LENGTH 16 /* of a command */

const char *argp_program_version = "arpkeeper " ARPKEEPER_VERSION;

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *arguments; /* NULL: not for people */
	const char *help;
} commands[] = {
        {"run", command_run, "[-c FILE] [-i IFACE]...", "keep a segment: the agent"},
        {"status", command_status, "", "what is attached where; table and history at a glance"},
        {"show", command_show, "[ADDRESS|PREFIX]", "the table"},
        {"set", command_set, "ADDRESS MAC", "declare where an address is"},
        {"unset", command_unset, "ADDRESS", "forget an address"},
        {"merge", command_merge, "BRANCH", "merge a branch of the repository into the table"},
        {"revert", command_revert, "TASK|COMMIT", "undo exactly one task, as a new task"},
        {"log", command_log, "[ADDRESS|MAC]", "its life, in words"},
        {"at", command_at, "TIME [ADDRESS]", "the table, or one address, as it was"},
        {"diff", command_diff, "TIME [TIME]", "what differs between two times"},
        {"watch", command_watch, "", "changes and alerts as they happen"},
        {"stats", command_stats, "", "counters of the data path"},
        {"import", command_import, "FILE", "take over a list of neighbours"},
        {"export", command_export, "[--format F]", "the recorded table, for other programs"},
        {"check", command_check, "[FILE|REPO]", "validate a configuration, an entry, a repository"},
        {"stop", command_stop, "[--keep]", "stop the agent"},
        {"detach", command_detach, "", "take the program off, agent or not"},
        {"hook", command_hook, NULL, NULL},
};

#define COMMANDS (sizeof(commands) / sizeof(*commands))

static void print_help(FILE *output)
{
	fprintf(output, "Usage: arpkeeper COMMAND [OPTION...]\n"
	                "Answers ARP for a network segment inside the driver, and keeps every "
	                "change of its table in git.\n\n");
	for (size_t i = 0; i < COMMANDS; i++)
		if (commands[i].arguments)
			fprintf(output, "  %-7s %-24s %s\n", commands[i].name,
			        commands[i].arguments, commands[i].help);
	fprintf(output, "\nEach takes --help, and -c FILE for the configuration. "
	                "More: man arpkeeper.\n");
}

static unsigned smallest(unsigned a, unsigned b, unsigned c)
{
	unsigned least = a < b ? a : b;

	return least < c ? least : c;
}

/* Levenshtein's distance; `name` has at most NAME_MAX_LENGTH letters. */
static unsigned distance(const char *typed, const char *name)
{
	unsigned row[NAME_MAX_LENGTH + 1];
	size_t length = strlen(name);

	for (unsigned j = 0; j <= length; j++)
		row[j] = j;
	for (unsigned i = 0; typed[i]; i++) {
		unsigned corner = row[0];

		row[0] = i + 1;
		for (size_t j = 1; j <= length; j++) {
			unsigned above = row[j];

			row[j] = smallest(corner + (typed[i] != name[j - 1]), above + 1,
			                  row[j - 1] + 1);
			corner = above;
		}
	}
	return row[length];
}

/* NULL when nothing is near enough to have been meant. */
static const char *nearest(const char *typed)
{
	const char *name = NULL;
	unsigned least = 3;

	for (size_t i = 0; i < COMMANDS; i++) {
		unsigned far = distance(typed, commands[i].name);

		if (commands[i].arguments && far < least && far < strlen(commands[i].name)) {
			least = far;
			name = commands[i].name;
		}
	}
	return name;
}

static int refuse(const char *typed)
{
	const char *meant = nearest(typed);

	if (meant)
		log_error("there is no command '%s': do you mean '%s'?", typed, meant);
	else
		log_error("there is no command '%s': see 'arpkeeper --help'", typed);
	return EXIT_USAGE;
}

static int run(const struct command *command, int argc, char **argv)
{
	char name[sizeof("arpkeeper ") + NAME_MAX_LENGTH];
	int status;

	snprintf(name, sizeof(name), "arpkeeper %s", command->name);
	argv[0] = name;
	status = command->run(argc, argv);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		log_error("cannot write all of the output");
		return EXIT_FAILED;
	}
	return status;
}

int main(int argc, char **argv)
{
	argp_err_exit_status = EXIT_USAGE;
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return EXIT_OK;
	}
	if (strcmp(argv[1], "--version") == 0 || strcmp(argv[1], "-V") == 0) {
		puts(argp_program_version);
		return EXIT_OK;
	}
	for (size_t i = 0; i < COMMANDS; i++)
		if (strcmp(argv[1], commands[i].name) == 0)
			return run(&commands[i], argc - 1, argv + 1);
	return refuse(argv[1]);
}
