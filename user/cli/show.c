/* SPDX-License-Identifier: MIT */
/* `arpkeeper show`: the table as it is now. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "base/base.h"
#include "cli/age.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/settings.h"
#include "cli/table.h"
#include "wire/wire.h"

#define ROWS_AT_ONCE 1024 /* that are aligned together; then they are written */

static const char doc[] = "The table: every address about which something is known.\v"
                          "STATE is dynamic, static, local, stale, pending or dead.\n"
                          "\n"
                          "Examples:\n"
                          "  arpkeeper show\n"
                          "  arpkeeper show 10.0.3.17\n"
                          "  arpkeeper show 10.0.3.0/24 --state static --json\n";

enum { OPTION_SEGMENT = 0x2000 };

static const struct argp_option options[] = {
        {"state", 's', "STATE", 0, "Only addresses in this state", 0},
        {"segment", OPTION_SEGMENT, "NAME", 0, "Only this segment", 0},
        {0},
};

struct arguments {
	struct settings settings;
	const char *prefix, *state, *segment;
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
		settings_init(state, settings_agent_children, &arguments->settings);
		return 0;
	case 's':
		arguments->state = argument;
		if (!state_is_known(argument))
			argp_error(state,
			           "%s is no state: give dynamic, static, local, stale, pending "
			           "or dead",
			           argument);
		return 0;
	case OPTION_SEGMENT:
		arguments->segment = argument;
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

struct output {
	struct table *table; /* NULL: JSON */
	size_t entries;
	int64_t now;
};

static void print_row(const struct output *output, const json_t *entry)
{
	char since[AGE_TEXT], seen[AGE_TEXT];

	table_row(output->table, json_string_value(json_object_get(entry, "address")),
	          json_string_value(json_object_get(entry, "mac")),
	          json_string_value(json_object_get(entry, "state")),
	          age_since(since, json_object_get(entry, "since"), output->now),
	          age_since(seen, json_object_get(entry, "seen"), output->now),
	          json_string_value(json_object_get(entry, "segment")),
	          json_string_value(json_object_get(entry, "origin")),
	          json_string_value(json_object_get(entry, "note")));
}

/* 0, or a negative errno. */
static int print(struct output *output, const json_t *entries)
{
	const json_t *entry;
	size_t index;

	json_array_foreach ((json_t *)entries, index, entry) {
		if (output->table) {
			print_row(output, entry);
		} else {
			fputs(output->entries ? ",\n  " : "{\"entries\": [\n  ", stdout);
			json_dumpf(entry, stdout, 0);
		}
		output->entries++;
		if (output->table && output->entries % ROWS_AT_ONCE == 0 &&
		    table_write(output->table, stdout) < 0)
			return -ENOMEM;
	}
	return ferror(stdout) ? -EPIPE : 0;
}

static int print_end(const struct output *output)
{
	if (!output->table)
		puts(output->entries ? "\n]}" : "{\"entries\": []}");
	else if (output->entries == 0)
		puts("nothing is known");
	else
		return table_write(output->table, stdout);
	return 0;
}

/* Line by line, as the agent tells it: the table may be large. */
static int show(struct output *output, int socket, json_t *request, struct fault *fault)
{
	json_t *answer = client_call(socket, request, fault);
	bool end = false;
	int error = answer ? 0 : -EREMOTEIO;

	json_decref(answer);
	while (!error && !end) {
		answer = client_next(socket, fault);
		end = json_is_true(json_object_get(answer, "end"));
		if (!answer)
			error = fault->text[0] ? -EPIPE
			                       : fault_set(fault, -EPIPE,
			                                   "the agent ended before it had told "
			                                   "all of the table");
		else
			error = print(output, json_object_get(answer, "entries"));
		json_decref(answer);
	}
	if (!error)
		error = print_end(output);
	if (error == -ENOMEM)
		fault_set(fault, error, "out of memory: the list is not complete");
	return error;
}

static int ask(const struct arguments *arguments, struct output *output, struct fault *fault)
{
	json_t *request = json_pack("{s:s, s:b, s:s?, s:s?, s:s?}", "command", "show", "stream", 1,
	                            "prefix", arguments->prefix, "state", arguments->state,
	                            "segment", arguments->segment);
	int socket = -1, error = -EINVAL;

	if (!request)
		fault_set(fault, error, "what was given is not UTF-8 text");
	else
		error = socket = client_connect(arguments->settings.control, fault);
	if (socket >= 0)
		error = show(output, socket, request, fault);
	client_close(socket);
	json_decref(request);
	return error;
}

int command_show(int argc, char **argv)
{
	static const struct table_column columns[] = {
	        {.title = "ADDRESS"}, {.title = "MAC"},     {.title = "STATE"},  {.title = "SINCE"},
	        {.title = "SEEN"},    {.title = "SEGMENT"}, {.title = "ORIGIN"}, {.title = "NOTE"},
	};
	const struct argp argp = {options, parse, "[ADDRESS|PREFIX]", doc, settings_agent_children,
	                          NULL,    NULL};
	struct output output = {.now = time(NULL)};
	struct arguments arguments = {0};
	struct settings *settings = &arguments.settings;
	struct fault fault = {""};
	struct prefix prefix;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	if (arguments.prefix && prefix_parse(&prefix, arguments.prefix, &fault) < 0) {
		log_error("%s", fault.text);
		return EXIT_FAILED;
	}
	status = settings_load(settings);
	if (status == EXIT_OK && !settings->json) {
		output.table = table_new(columns, 8);
		if (!output.table)
			fault_set(&fault, -ENOMEM, "out of memory");
	}
	if (status == EXIT_OK && (fault.text[0] || ask(&arguments, &output, &fault) < 0)) {
		if (fault.text[0])
			log_error("%s", fault.text);
		status = EXIT_FAILED;
	}
	table_free(output.table);
	settings_clear(settings);
	return status;
}
