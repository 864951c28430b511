/* SPDX-License-Identifier: MIT */
/* `arpkeeper show`: the table as it is now. */
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "cli/age.h"
#include "cli/command.h"
#include "cli/settings.h"
#include "cli/table.h"
#include "log/log.h"
#include "wire/prefix.h"

static const char doc[] = "The table: every address about which something is known.\v"
                          "STATE is dynamic, static, local, stale, pending or dead.\n"
                          "\n"
                          "Examples:\n"
                          "  arpkeeper show\n"
                          "  arpkeeper show 10.0.3.17\n"
                          "  arpkeeper show 10.0.3.0/24 --state static --json\n";

static const struct argp_option options[] = {
        {"state", 's', "STATE", 0, "Only addresses in this state", 0},
        {0},
};

static const struct argp_child children[] = {
        {&settings_config_argp, 0, NULL, 0},
        {&settings_control_argp, 0, NULL, 0},
        {&settings_json_argp, 0, NULL, 0},
        {0},
};

struct arguments {
	struct settings settings;
	const char *prefix, *state;
};

static bool state_is_known(const char *state)
{
	static const char *const known[] = {"dynamic", "static",  "local",
	                                    "stale",   "pending", "dead"};

	for (unsigned i = 0; i < sizeof(known) / sizeof(*known); i++)
		if (strcmp(state, known[i]) == 0)
			return true;
	return false;
}

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		settings_init(state, children, &arguments->settings);
		return 0;
	case 's':
		arguments->state = argument;
		if (!state_is_known(argument))
			argp_error(state,
			           "%s is no state: give dynamic, static, local, stale, pending "
			           "or dead",
			           argument);
		return 0;
	case ARGP_KEY_ARG:
		if (arguments->prefix)
			argp_error(state, "one address or prefix at a time");
		arguments->prefix = argument;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static int print(const json_t *entries)
{
	static const struct table_column columns[] = {
	        {.title = "ADDRESS"}, {.title = "MAC"},     {.title = "STATE"},  {.title = "SINCE"},
	        {.title = "SEEN"},    {.title = "SEGMENT"}, {.title = "ORIGIN"}, {.title = "NOTE"},
	};
	struct table *table = table_new(columns, 8);
	int64_t now = time(NULL);
	const json_t *entry;
	size_t index;
	int error;

	json_array_foreach ((json_t *)entries, index, entry) {
		char since[AGE_TEXT], seen[AGE_TEXT];

		table_row(table, json_string_value(json_object_get(entry, "address")),
		          json_string_value(json_object_get(entry, "mac")),
		          json_string_value(json_object_get(entry, "state")),
		          age_since(since, json_object_get(entry, "since"), now),
		          age_since(seen, json_object_get(entry, "seen"), now),
		          json_string_value(json_object_get(entry, "segment")),
		          json_string_value(json_object_get(entry, "origin")),
		          json_string_value(json_object_get(entry, "note")));
	}
	error = table_write(table, stdout);
	table_free(table);
	if (error < 0)
		log_error("out of memory: the list is not complete");
	return error < 0 ? EXIT_FAILED : EXIT_OK;
}

int command_show(int argc, char **argv)
{
	const struct argp argp = {options, parse, "[ADDRESS|PREFIX]", doc, children, NULL, NULL};
	struct arguments arguments = {0};
	struct settings *settings = &arguments.settings;
	json_t *response = NULL;
	struct prefix prefix;
	struct fault fault;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	if (arguments.prefix && prefix_parse(&prefix, arguments.prefix, &fault) < 0) {
		log_error("%s", fault.text);
		return EXIT_FAILED;
	}
	status = settings_load(settings);
	if (status == EXIT_OK)
		status = settings_ask(&response, settings,
		                      json_pack("{s:s, s:s?, s:s?}", "command", "show", "prefix",
		                                arguments.prefix, "state", arguments.state));
	if (status == EXIT_OK) {
		json_t *entries = json_object_get(response, "entries");

		if (settings->json)
			settings_print(response);
		else if (json_array_size(entries) == 0)
			puts("nothing is known");
		else
			status = print(entries);
	}
	json_decref(response);
	settings_clear(settings);
	return status;
}
