/* SPDX-License-Identifier: MIT */
/* `arpkeeper merge`: merges a branch of the repository into the table, by the agent. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/settings.h"
#include "cli/table.h"

static const char doc[] =
        "Merge BRANCH of the agent's repository into main and into the table. The rule for an "
        "address that both sides changed: static beats dynamic, then the later 'since', then the "
        "lower MAC.\v"
        "A push to merge/<anything> does the same by itself.\n"
        "\n"
        "Example:\n"
        "  arpkeeper merge rack3-renumbering\n";

struct arguments {
	struct settings settings;
	const char *branch;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		settings_init(state, settings_agent_children, &arguments->settings);
		return 0;
	case ARGP_KEY_ARG:
		if (arguments->branch)
			argp_error(state, "one branch at a time");
		arguments->branch = argument;
		return 0;
	case ARGP_KEY_END:
		if (!arguments->branch)
			argp_error(state, "give a branch");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

int command_merge(int argc, char **argv)
{
	const struct argp argp = {NULL, parse, "BRANCH", doc, settings_agent_children, NULL, NULL};
	struct arguments arguments = {0};
	struct settings *settings = &arguments.settings;
	json_t *response = NULL;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	status = settings_load(settings);
	if (status == EXIT_OK)
		status = settings_ask(
		        &response, settings,
		        json_pack("{s:s, s:s}", "command", "merge", "branch", arguments.branch));
	if (status == EXIT_OK) {
		if (settings->json)
			settings_print(response);
		else
			lines_write(stdout, json_string_value(json_object_get(response, "text")));
	}
	json_decref(response);
	settings_clear(settings);
	return status;
}
