/* SPDX-License-Identifier: MIT */
/* Lists the commands, in the order of `arpkeeper --help`, and performs one: what all of them have
 * in common are command line, settings, the fault, the exit status. */
#include "cli/cli.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/options.h"

const struct command commands[] = {
        {"run", "[-c FILE] [-i IFACE]...", "run the agent: keep a segment",
         TAKES_CONFIG | TAKES_CONTROL | TAKES_REPOSITORY, &command_run},
        {"status", "", "what is attached where; table and history at a glance", TAKES_AGENT,
         &command_status},
        {"show", "[ADDRESS|PREFIX|MAC]", "the table", TAKES_HISTORY, &command_show},
        {"set", "ADDRESS MAC", "declare where an address is",
         TAKES_AGENT | TAKES_MESSAGE | TAKES_CONFIRM, &command_set},
        {"unset", "ADDRESS", "forget an address", TAKES_AGENT | TAKES_MESSAGE | TAKES_CONFIRM,
         &command_unset},
        {"merge", "BRANCH", "merge a branch of the repository into the table",
         TAKES_AGENT | TAKES_CONFIRM, &command_merge},
        {"preview", "BRANCH", "what a merge of a branch would change now", TAKES_HISTORY,
         &command_preview},
        {"sync", "[REMOTE]", "exchange history with the fleet's remotes now", TAKES_AGENT,
         &command_sync},
        {"fleet", "[retire NODE]", "the fleet's nodes and remotes; retire a dead node",
         TAKES_HISTORY | TAKES_MESSAGE | TAKES_CONFIRM, &command_fleet},
        {"revert", "TASK|COMMIT", "undo one task, as a new task",
         TAKES_AGENT | TAKES_MESSAGE | TAKES_CONFIRM, &command_revert},
        {"log", "[ADDRESS|MAC|PREFIX]", "the life of an address, in words", TAKES_HISTORY,
         &command_log},
        {"at", "TIME [ADDRESS|PREFIX]", "the table, or part of it, as it was", TAKES_HISTORY,
         &command_at},
        {"diff", "TIME [TIME]", "what differs between two times", TAKES_HISTORY, &command_diff},
        {"watch", "[--follow]", "changes and alerts as they happen", TAKES_AGENT, &command_watch},
        {"top", "[PREFIX]", "table, changes and counters on a terminal",
         TAKES_CONFIG | TAKES_CONTROL, &command_top},
        {"stats", "", "counters of the data path", TAKES_AGENT, &command_stats},
        {"import", "FILE", "import a list of neighbours",
         TAKES_AGENT | TAKES_MESSAGE | TAKES_CONFIRM, &command_import},
        {"export", "[--format F]", "the recorded table, for other programs",
         TAKES_CONFIG | TAKES_CONTROL | TAKES_REPOSITORY, &command_export},
        {"check", "[FILE|REPO]", "validate a configuration, an entry, a repository",
         TAKES_CONFIG | TAKES_REPOSITORY | TAKES_JSON, &command_check},
        {"repair", "[--from URL|--new]", "mend a repository in which something cannot be read",
         TAKES_CONFIG | TAKES_CONTROL | TAKES_REPOSITORY, &command_repair},
        {"reload", "[--dry-run]", "read the configuration again, without a stop", TAKES_AGENT,
         &command_reload},
        {"stop", "[--keep]", "stop the agent", TAKES_AGENT, &command_stop},
        {"detach", "", "take the program off, with or without an agent", TAKES_AGENT,
         &command_detach},
        {"web", "[--listen ADDRESS]", "serve the page that shows all of this",
         TAKES_CONFIG | TAKES_CONTROL | TAKES_REPOSITORY, &command_web},
        {"hook", NULL, NULL, TAKES_REPOSITORY, &command_hook},
        {"recorder", NULL, NULL, 0, &command_recorder},
        {"complete", NULL, NULL, TAKES_CONFIG | TAKES_CONTROL, &command_complete},
        {0},
};

const struct command *commands_find(const char *name)
{
	for (const struct command *command = commands; command->name; command++)
		if (strcmp(name, command->name) == 0)
			return command;
	return NULL;
}

int commands_leading(int argc, char **argv)
{
	int count = 0;

	while (count + 1 < argc && argv[count + 1][0] == '-') {
		const char *option = argv[++count];
		bool value = false, flag = false;

		for (const struct command *command = commands; command->name; command++)
			if (command->usage)
				options_find(command, option, &value, &flag);
		/* -n is a flag of one command, and has a value of another. */
		if (value && count + 1 < argc && !(flag && commands_find(argv[count + 1])))
			count++;
	}
	return count;
}

static void set_log(const struct settings *settings)
{
	char list[CHOICES_TEXT];

	if (settings->quiet) {
		log_set_level(LOG_LEVEL_ERROR);
		progress_off();
		return;
	}
	if (settings->log_level)
		log_set_level((enum log_level)choices_find(settings->log_level, log_levels, list));
}

int perform(const struct command *command, int argc, char **argv)
{
	const struct command_spec *spec = command->spec;
	struct settings *settings = calloc(1, spec->size);
	struct fault fault = {""};
	int status = 0;

	if (!settings) {
		log_error("out of memory");
		return EXIT_FAILED;
	}
	options_parse(command, settings, argc, argv);
	set_log(settings);
	if (settings->message && entry_check_message(settings->message, &fault) < 0)
		status = RUN_USAGE;
	if (status == 0 && !spec->loads)
		status = settings_load(settings, &fault);
	if (status == 0)
		status = spec->run(settings, &fault);
	if (status < 0) {
		/* main() reports output that cannot be written. */
		if (fault.text[0] || !ferror(stdout))
			log_error("%s", fault.text[0] ? fault.text : "out of memory");
		status = status == RUN_USAGE ? EXIT_USAGE : EXIT_FAILED;
	}
	options_clear(command, settings);
	settings_clear(settings);
	free(settings);
	return status;
}
