// SPDX-License-Identifier: MIT
/*
 * `arpkeeper complete`: what the shells' completions ask (docs/completion): the names of commands,
 * options, segments, addresses, nodes and branches, a line each. Without an agent there are no
 * segments and addresses, and no error: nobody asked for one.
 */
#include <string.h>

#include "cli/ask.h"
#include "cli/command.h"
#include "cli/source.h"
#include "cli/table.h"
#include "client/client.h"

#define ADDRESSES_MAX 500 /* more are of no help in a terminal */

static const char *const kinds[] = {"segments", "addresses", "nodes", "branches", NULL};

static void segments_list(const struct settings *settings)
{
	json_t *status = NULL, *segment;
	size_t index;

	if (ask(&status, settings, json_pack("{s:s}", "command", "status"), NULL) == 0)
		json_array_foreach (json_object_get(status, "segments"), index, segment)
			line_write(stdout, "%s", json_text(segment, "name"));
	json_decref(status);
}

/* Those that begin with the text. Returns how many were printed. */
static unsigned print_addresses(const json_t *entries, const char *begins)
{
	unsigned count = 0;
	json_t *entry;
	size_t index;

	json_array_foreach ((json_t *)entries, index, entry) {
		const char *address = json_text(entry, "address");

		if (!address || strncmp(address, begins, strlen(begins)) != 0)
			continue;
		line_write(stdout, "%s", address);
		count++;
	}
	return count;
}

static void addresses_list(const struct settings *settings, const char *begins)
{
	json_t *answer = NULL;
	FILE *agent = NULL;
	unsigned count = 0;
	bool end = client_ask(&agent, &answer, settings->control,
	                      json_pack("{s:s, s:b}", "command", "show", "stream", 1), NULL) < 0;

	while (!end && count < ADDRESSES_MAX) {
		json_decref(answer);
		answer = client_next(agent, NULL);
		end = !answer || json_is_true(json_object_get(answer, "end"));
		count += print_addresses(json_object_get(answer, "entries"), begins);
	}
	json_decref(answer);
	client_close(agent);
}

/* A node has a branch for each segment, one after the other. */
struct names {
	const char *begins;
	char last[NODE_NAME_MAX + 1];
};

static int print_node(void *context, const struct reader_node *node)
{
	struct names *names = context;

	if (!node->own && strcmp(names->last, node->node) != 0 &&
	    strncmp(node->node, names->begins, strlen(names->begins)) == 0)
		line_write(stdout, "%s", node->node);
	snprintf(names->last, sizeof(names->last), "%s", node->node);
	return 0;
}

/* Those that can be retired, from the repository. */
static void names_list(const struct settings *settings, const char *begins)
{
	struct names names = {.begins = begins};
	struct reader *reader = NULL;
	struct fault fault = {""};

	if (source_open(&reader, settings, &fault) == 0)
		(void)reader_nodes(reader, print_node, &names, &fault);
	reader_close(reader);
}

static int print_branch(void *context, const struct review *branch)
{
	const char *begins = context;

	if (strncmp(branch->branch, begins, strlen(begins)) == 0)
		line_write(stdout, "%s", branch->branch);
	return 0;
}

/* Those that can be merged, from the repository. */
static void branches_list(const struct settings *settings, const char *begins)
{
	struct reader *reader = NULL;
	struct fault fault = {""};

	if (source_open(&reader, settings, &fault) == 0)
		(void)reader_branches(reader, print_branch, (void *)begins, &fault);
	reader_close(reader);
}

static void check(const void *given, const struct argp_state *state)
{
	const struct settings *settings = given;
	char list[CHOICES_TEXT];

	if (choices_find(settings->argument[0], kinds, list) < 0)
		argp_error(state, "'%s' cannot be completed: give %s", settings->argument[0], list);
}

static int run(void *given, struct fault *fault)
{
	const struct settings *settings = given;
	const char *kind = settings->argument[0], *begins = settings->argument[1];

	(void)fault;
	if (strcmp(kind, "segments") == 0)
		segments_list(settings);
	else if (strcmp(kind, "nodes") == 0)
		names_list(settings, begins ? begins : "");
	else if (strcmp(kind, "branches") == 0)
		branches_list(settings, begins ? begins : "");
	else
		addresses_list(settings, begins ? begins : "");
	return EXIT_OK;
}

const struct command_spec command_complete = {
        .size = sizeof(struct settings),
        .arguments = "segments|addresses|nodes|branches [BEGINNING]",
        .too_few = "name what is to be completed",
        .doc = "Asked by the completion of a shell.",
        .check = check,
        .run = run,
};
