/* SPDX-License-Identifier: MIT */
/*
 * `arpkeeper revert`: finds out from the repository which commits are meant, has the agent undo
 * them, and says what was left alone and why.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/base.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/settings.h"
#include "cli/table.h"
#include "entry/entry.h"
#include "reader/reader.h"

static const char doc[] =
        "Undo what one task, or one commit of main, did to the table: each address becomes what it "
        "was before, as a new task. An address that was changed again since is left as it is, and "
        "named. Returns when that is in the table and durable in the history.\v"
        "TASK is an id as in 'arpkeeper log' (learn/20261122-000017); COMMIT is any name that git "
        "rev-parse takes; of a merge, what it brought into the table is undone. A reverted revert "
        "brings everything back. The exit status is 1 when nothing could be undone.\n"
        "\n"
        "Examples:\n"
        "  arpkeeper revert learn/20261122-000017\n"
        "  arpkeeper revert 3f2a91c -m 'the renumbering was a mistake, ticket 4711'\n";

static const struct argp_option options[] = {
        {"message", 'm', "MESSAGE", 0, "The commit's message", 0},
        {0},
};

struct arguments {
	struct settings settings;
	const char *name, *message;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		settings_init(state, settings_agent_children, &arguments->settings);
		return 0;
	case 'm':
		arguments->message = argument;
		return 0;
	case ARGP_KEY_ARG:
		if (arguments->name)
			argp_error(state, "one task or commit at a time");
		arguments->name = argument;
		return 0;
	case ARGP_KEY_END:
		if (!arguments->name)
			argp_error(state, "give a task or a commit");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

/* The running agent's repository, wherever that is. */
static int open_repository(struct reader **reader, const struct settings *settings)
{
	json_t *response = NULL;
	struct fault fault = {""};
	const char *path;
	int status = settings_ask(&response, settings, json_pack("{s:s}", "command", "status"));

	if (status != EXIT_OK)
		return status;
	path = json_string_value(json_object_get(json_object_get(response, "repository"), "path"));
	if (reader_open(reader, path ? path : settings->repository, &fault) < 0) {
		log_error("%s", fault.text);
		status = EXIT_FAILED;
	}
	json_decref(response);
	return status;
}

static int ask(json_t **response, const struct arguments *arguments, const struct reader_undo *undo)
{
	json_t *commits = json_array(), *request;
	const char *const *commit;
	size_t count;

	commit = reader_undo_commits(undo, &count);
	for (size_t i = 0; i < count; i++)
		json_array_append_new(commits, json_string(commit[i]));
	request = json_pack("{s:s, s:s, s:o}", "command", "revert", "name", reader_undo_name(undo),
	                    "commits", commits);
	if (request && arguments->message)
		json_object_set_new(request, "message", json_string(arguments->message));
	return settings_ask(response, &arguments->settings, request);
}

static void note_left(void *context, const char *segment, uint32_t address, const char *by)
{
	char text[IPV4_TEXT];

	json_array_append_new(context,
	                      json_pack("{s:s, s:s, s:s?}", "segment", segment, "address",
	                                ipv4_format(text, address), "by", *by ? by : NULL));
}

static void print_left(FILE *output, const json_t *left)
{
	const json_t *item;
	size_t index;

	json_array_foreach ((json_t *)left, index, item) {
		const char *by = json_string_value(json_object_get(item, "by"));

		line_write(output, "%s was changed since%s%s: left as it is",
		           json_string_value(json_object_get(item, "address")), by ? " by " : "",
		           by ? by : "");
	}
}

/* 1 when there was something to undo and nothing of it could be. */
static int print(const struct settings *settings, const char *name, const json_t *response,
                 json_t *left)
{
	json_int_t applied = json_integer_value(json_object_get(response, "applied"));
	const char *commit = json_string_value(json_object_get(response, "commit"));
	const char *text = json_string_value(json_object_get(response, "text"));
	int status = applied == 0 && json_array_size(left) > 0 ? EXIT_FAILED : EXIT_OK;
	json_t *object;

	if (settings->json) {
		object = json_pack("{s:s, s:s?, s:I, s:O}", "reverted", name, "commit",
		                   applied ? commit : NULL, "changed", applied, "left", left);
		json_dumpf(object, stdout, JSON_INDENT(2));
		putchar('\n');
		json_decref(object);
		return status;
	}
	if (status != EXIT_OK)
		log_error("%s", text);
	else
		lines_write(stdout, text);
	if (applied)
		line_write(stdout, "commit %.10s", commit);
	print_left(status == EXIT_OK ? stdout : stderr, left);
	return status;
}

static int revert(const struct arguments *arguments)
{
	struct reader *reader = NULL;
	struct reader_undo *undo = NULL;
	json_t *response = NULL, *left = json_array();
	struct fault fault = {""};
	int status = open_repository(&reader, &arguments->settings);

	if (status != EXIT_OK)
		goto out;
	if (reader_undo_find(&undo, reader, arguments->name, &fault) < 0) {
		log_error("%s", fault.text);
		status = EXIT_FAILED;
		goto out;
	}
	status = ask(&response, arguments, undo);
	if (status != EXIT_OK)
		goto out;
	if (json_integer_value(json_object_get(response, "chosen")) > 0 &&
	    reader_undo_left(reader, undo, json_string_value(json_object_get(response, "commit")),
	                     note_left, left, &fault) < 0)
		log_warning("what was left alone cannot be told: %s", fault.text);
	status = print(&arguments->settings, reader_undo_name(undo), response, left);
out:
	json_decref(response);
	json_decref(left);
	reader_undo_free(undo);
	reader_close(reader);
	return status;
}

int command_revert(int argc, char **argv)
{
	const struct argp argp = {options, parse, "TASK|COMMIT", doc, settings_agent_children,
	                          NULL,    NULL};
	struct arguments arguments = {0};
	struct fault fault = {""};
	int status = EXIT_FAILED;

	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	if (arguments.message && entry_check_text("message", arguments.message, &fault) < 0)
		log_error("%s", fault.text);
	else
		status = settings_load(&arguments.settings);
	if (status == EXIT_OK)
		status = revert(&arguments);
	settings_clear(&arguments.settings);
	return status;
}
