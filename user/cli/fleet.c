// SPDX-License-Identifier: MIT
/* `arpkeeper fleet`: the nodes of the fleet, and the remotes that they are reached through. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/ask.h"
#include "cli/command.h"
#include "cli/nodes.h"
#include "cli/retire.h"
#include "cli/source.h"
#include "cli/table.h"
#include "cli/when.h"
#include "client/client.h"

static const char doc[] =
        "The nodes of the fleet, this one first: what each says, when it last said something, and "
        "what of it was fetched and is not in the table yet; then the remotes. Reads the "
        "repository; the remotes are the agent's.\v"
        "STATE is own, live, silent (it said nothing for an hour: it may be off, or have nothing "
        "to say), retired, or left out, with the reason. BEHIND is what this node has not taken "
        "yet, LACKS what the other node has not taken of this one's.\n"
        "\n"
        "`fleet retire NODE` is for a node that does not come back: its static entries become this "
        "node's, its learned ones end, and hosts that are heard are learned anew. If "
        "the node returns, what was ended stays ended. A live node is refused without --force. It "
        "asks before it does anything; --yes answers.\n"
        "\n"
        "Examples:\n"
        "  arpkeeper fleet\n"
        "  arpkeeper fleet --json\n"
        "  arpkeeper fleet retire leaf7 -m 'leaf7 burnt, ticket 4711'\n";

static const struct command_option options[] = {
        {"yes", NULL, "Retire without asking", .offset = offsetof(struct retire_arguments, yes),
         .letter = 'y'},
        {"force", NULL, "Retire a node that is not silent",
         .offset = offsetof(struct retire_arguments, force)},
        {0},
};

/* What is fetched and not in the table; NULL: nothing. */
static const char *behind_text(char text[64], const json_t *behind)
{
	char age[WHEN_TEXT];

	if (json_number(behind, "commits") == 0)
		return NULL;
	snprintf(text, 64, "%" JSON_INTEGER_FORMAT " claims, %s", json_number(behind, "claims"),
	         when_age(age, json_number(behind, "seconds")));
	return text;
}

static const char *lacks_text(char text[64], const json_t *ours)
{
	if (json_number(ours, "commits") == 0)
		return NULL;
	snprintf(text, 64, "%" JSON_INTEGER_FORMAT " commits", json_number(ours, "commits"));
	return text;
}

/* The list in one cell; NULL: it is empty. The caller frees it. */
static char *list_text(const json_t *list)
{
	char *text = NULL;
	const json_t *item;
	size_t index, size;
	FILE *stream = json_array_size(list) ? open_memstream(&text, &size) : NULL;

	if (!stream)
		return NULL;
	json_array_foreach ((json_t *)list, index, item)
		fprintf(stream, "%s%s", index ? ", " : "", json_string_value(item));
	fclose(stream);
	return text;
}

static void print_nodes(const json_t *nodes, int64_t now)
{
	struct table *table =
	        table_new("NODE|*STATE|SEGMENTS|>CLAIMS|HEARD|BEHIND|LACKS|THROUGH|~WHY");
	const json_t *node;
	size_t index;

	json_array_foreach ((json_t *)nodes, index, node) {
		char claims[JSON_NUMBER], heard[WHEN_TEXT], behind[64], lacks[64];
		char *segments = list_text(json_object_get(node, "segments"));
		char *remotes = list_text(json_object_get(node, "remotes"));

		table_row(table, json_text(node, "node"), json_text(node, "state"), segments,
		          json_number_text(claims, node, "claims"),
		          when_since(heard, json_object_get(node, "spoke"), now),
		          behind_text(behind, json_object_get(node, "behind")),
		          lacks_text(lacks, json_object_get(node, "lacks")), remotes,
		          json_text(node, "why"));
		free(segments);
		free(remotes);
	}
	table_write(table, stdout);
	table_free(table);
}

static const char *next_text(char text[WHEN_TEXT], const json_t *remote, int64_t now)
{
	const char *next = json_text(remote, "next");
	int64_t time;

	if (json_is_true(json_object_get(remote, "running")))
		return "now";
	if (!next || time_parse(&time, next, strlen(next)) < 0)
		return NULL;
	snprintf(text, WHEN_TEXT, "in ");
	when_age(text + strlen(text), time - now);
	return text;
}

static void print_remotes(const json_t *remotes, int64_t now)
{
	struct table *table =
	        table_new("REMOTE|~URL|REACHED|NEXT|>BRANCHES|>FETCHED|>PUSHED|~LAST ERROR");
	const json_t *remote;
	size_t index;

	json_array_foreach ((json_t *)remotes, index, remote) {
		char reached[WHEN_TEXT], next[WHEN_TEXT], branches[JSON_NUMBER],
		        fetched[JSON_NUMBER], pushed[JSON_NUMBER];
		const char *since = when_since(reached, json_object_get(remote, "succeeded"), now);

		table_row(table, json_text(remote, "remote"), json_text(remote, "url"),
		          since ? since : "never", next_text(next, remote, now),
		          json_number_text(branches, remote, "branches"),
		          json_number_text(fetched, remote, "fetched"),
		          json_number_text(pushed, remote, "pushed"), json_text(remote, "error"));
	}
	putchar('\n');
	table_write(table, stdout);
	table_free(table);
}

static void print(const json_t *fleet, int64_t now)
{
	const json_t *remotes = json_object_get(fleet, "remotes");

	print_nodes(json_object_get(fleet, "nodes"), now);
	if (json_array_size(remotes) > 0)
		print_remotes(remotes, now);
	else
		printf("\n%s\n",
		       json_is_array(remotes)
		               ? "This node has no remote: [remote \"NAME\"] names one."
		               : "No agent answers, so what the remotes do is not known.");
}

/* What the agent says; NULL if none is reached, which is not an error. */
static json_t *ask_status(const struct settings *settings)
{
	json_t *status = NULL;

	return ask(&status, settings, json_pack("{s:s}", "command", "status"), NULL) == 0 ? status
	                                                                                  : NULL;
}

static int list(json_t **fleet, const struct settings *settings, struct fault *fault)
{
	json_t *status = ask_status(settings), *nodes = NULL, *remotes;
	const char *own = json_text(json_object_get(status, "fleet"), "node");
	struct reader *reader = NULL;
	int error;

	if (!own)
		own = settings->config.fleet;
	remotes = json_object_get(status, "remotes");
	error = source_open(&reader, settings, fault);
	if (!error)
		nodes = nodes_list(reader, own, remotes, time(NULL), fault);
	if (!error && !nodes)
		error = -EIO;
	if (!error && json_array_size(nodes) == 0)
		error = fault_set(fault, -ENODATA,
		                  "this node is in no fleet: `node` in [fleet] of the "
		                  "configuration puts it into one (docs/fleet.md)");
	if (!error) {
		/* An agent without remotes: [], and no agent: null. */
		remotes = json_is_array(remotes) ? json_incref(remotes)
		          : status               ? json_array()
		                                 : json_null();
		*fleet = json_pack("{s:s?, s:O, s:o}", "node", own, "nodes", nodes, "remotes",
		                   remotes);
	}
	json_decref(nodes);
	reader_close(reader);
	json_decref(status);
	return error;
}

static void check(const void *given, const struct argp_state *state)
{
	const struct retire_arguments *arguments = given;
	const struct settings *settings = &arguments->settings;
	const char *verb = settings->argument[0];
	bool acts = arguments->yes || arguments->force || settings->message || settings->author ||
	            settings->confirmed;

	if (verb && strcmp(verb, "retire") != 0)
		argp_error(state, "'%s' is not known: give retire, or nothing", verb);
	if (verb && !settings->argument[1])
		argp_error(state, "name the node to retire");
	if (!verb && acts)
		argp_error(state, "these options are of `fleet retire NODE`");
}

static int run(void *given, struct fault *fault)
{
	const struct retire_arguments *arguments = given;
	json_t *fleet = NULL;
	int error = list(&fleet, &arguments->settings, fault);

	if (!error && arguments->settings.argument[0])
		error = retire_run(arguments, fleet, fault);
	else if (!error && arguments->settings.json)
		json_print(json_incref(fleet));
	else if (!error)
		print(fleet, time(NULL));
	json_decref(fleet);
	return error;
}

const struct command_spec command_fleet = {
        .size = sizeof(struct retire_arguments),
        .arguments = "[retire] [NODE]",
        .doc = doc,
        .options = options,
        .check = check,
        .run = run,
};
