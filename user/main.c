/* SPDX-License-Identifier: MIT */
/* The command line: finds the command, and lists the commands. */
#include <stdio.h>
#include <string.h>
#include <sys/param.h>

#include "cli/cli.h"

#define NAME_MAX_LENGTH 16 /* of a command */

const char *argp_program_version = "arpkeeper " ARPKEEPER_VERSION;

#ifdef __SANITIZE_ADDRESS__
/* libgit2 1.5 leaks 20 kB for each value that a pattern of git_config_set_multivar() does not
 * match: at a start, for each further prefix of a segment. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libpcre2";
}

const char *__lsan_default_options(void);
const char *__lsan_default_options(void)
{
	return "print_suppressions=0";
}

/* A damaged object can claim any size. malloc() refuses it, so the sanitizer's must not abort. */
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "allocator_may_return_null=1";
}
#endif

static void print_help(FILE *output)
{
	fprintf(output, "Usage: arpkeeper COMMAND [OPTION...]\n"
	                "Answers ARP for a network segment inside the driver, and keeps every "
	                "change of its table in git.\n\n");
	for (const struct command *command = commands; command->name; command++)
		if (command->usage)
			fprintf(output, "  %-7s %-24s %s\n", command->name, command->usage,
			        command->summary);
	fprintf(output, "\nEach takes --help, and -c FILE for the configuration (default: what "
	                "ARPKEEPER_CONFIG names, or\n" SETTINGS_CONFIG
	                ", if it is there). More: man arpkeeper.\n");
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

			corner += typed[i] != name[j - 1];
			row[j] = MIN(MIN(above, row[j - 1]) + 1, corner);
			corner = above;
		}
	}
	return row[length];
}

/* The command that was probably meant; NULL: none is near enough. */
static const char *nearest(const char *typed)
{
	const char *name = NULL;
	unsigned least = 3;

	for (const struct command *command = commands; command->name; command++) {
		unsigned far = distance(typed, command->name);

		if (command->usage && far < least && far < strlen(command->name)) {
			least = far;
			name = command->name;
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
	status = perform(command, argc, argv);
	if (fflush(stdout) != 0 || ferror(stdout)) {
		log_error("cannot write all of the output");
		return EXIT_FAILED;
	}
	return status;
}

static bool is_one_of(const char *text, const char *a, const char *b)
{
	return strcmp(text, a) == 0 || strcmp(text, b) == 0;
}

/* `arpkeeper -c FILE status` becomes `arpkeeper status -c FILE`, and each command decides which
 * options it takes. False: there is no command. */
static bool command_first(int argc, char **argv)
{
	int leading = commands_leading(argc, argv);
	char *name;

	if (leading + 1 >= argc)
		return false;
	name = argv[leading + 1];
	memmove(&argv[2], &argv[1], (size_t)leading * sizeof(*argv));
	argv[1] = name;
	return true;
}

int main(int argc, char **argv)
{
	const struct command *command;

	argp_err_exit_status = EXIT_USAGE;
	if (argc < 2) {
		print_help(stderr);
		return EXIT_USAGE;
	}
	if (is_one_of(argv[1], "--help", "-h") || strcmp(argv[1], "help") == 0) {
		print_help(stdout);
		return EXIT_OK;
	}
	if (is_one_of(argv[1], "--version", "-V")) {
		puts(argp_program_version);
		return EXIT_OK;
	}
	if (!command_first(argc, argv)) {
		log_error("name a command: see 'arpkeeper --help'");
		return EXIT_USAGE;
	}
	command = commands_find(argv[1]);
	return command ? run(command, argc - 1, argv + 1) : refuse(argv[1]);
}
