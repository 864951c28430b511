/* SPDX-License-Identifier: MIT */
/*
 * `arpkeeper revert`: finds the commits in the repository, asks the agent to undo them, and lists
 * the addresses that were left alone.
 */
#include <errno.h>
#include <stdlib.h>

#include "cli/ask.h"
#include "cli/author.h"
#include "cli/command.h"
#include "cli/confirm.h"
#include "cli/source.h"
#include "cli/table.h"
#include "cli/when.h"
#include "client/client.h"

static const char doc[] =
        "Undo one task or one commit of main, as a new task: each of its addresses becomes what "
        "it was before. Addresses that changed since are left alone and listed. Returns when the "
        "table has changed and the change is durable in the history.\v"
        "TASK is an id as in 'arpkeeper log' (learn/20261122-gateway-000017). COMMIT is any name "
        "that git rev-parse takes; for a merge, it undoes what the merge brought into the table. "
        "Of an id that several tasks have, from before ids named the node, the commits are listed, "
        "and nothing is undone. To redo, revert the revert. The exit status is 1 when nothing "
        "could be undone.\n"
        "\n"
        "Examples:\n"
        "  arpkeeper revert learn/20261122-gateway-000017\n"
        "  arpkeeper revert 3f2a91c -m 'the renumbering was a mistake, ticket 4711'\n";

static int ask_revert(json_t **response, const struct settings *settings,
                      const struct named_commits *undo, struct fault *fault)
{
	json_t *commits = json_array(), *request;

	for (size_t i = 0; i < undo->count; i++)
		json_array_append_new(commits, json_string(undo->commit[i]));
	request = json_pack("{s:s, s:s, s:o}", "command", "revert", "name", undo->name, "commits",
	                    commits);
	if (request && settings->message)
		json_object_set_new(request, "message", json_string(settings->message));
	author_give(request, settings);
	confirm_give(request, settings);
	return ask(response, settings, request, fault);
}

static void note_left(void *context, const char *segment, struct address address, const char *by)
{
	char text[ADDRESS_TEXT];

	json_array_append_new(context,
	                      json_pack("{s:s, s:s, s:s?}", "segment", segment, "address",
	                                address_format(text, address), "by", *by ? by : NULL));
}

static void print_left(FILE *output, const json_t *left)
{
	const json_t *item;
	size_t index;

	json_array_foreach ((json_t *)left, index, item) {
		const char *by = json_text(item, "by");

		line_write(output, "%s was changed since%s%s: left as it is",
		           json_text(item, "address"), by ? " by " : "", by ? by : "");
	}
}

/* EXIT_FAILED when there was something to undo, and nothing could be undone. */
static int print(bool json, const char *name, const json_t *response, json_t *left)
{
	json_int_t applied = json_number(response, "applied");
	const char *commit = json_text(response, "commit"), *text = json_text(response, "text");
	int status = applied == 0 && json_array_size(left) > 0 ? EXIT_FAILED : EXIT_OK;

	if (json) {
		json_print(json_pack("{s:s, s:s?, s:I, s:O}", "reverted", name, "commit",
		                     applied ? commit : NULL, "changed", applied, "left", left));
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

/* The tasks that the name may mean. EXIT_FAILED. */
static int print_candidates(bool json, const struct named_commits *undo, const struct fault *fault)
{
	struct table *table = json ? NULL : table_new("|||");
	json_t *list = json_array();

	log_error("%s", fault->text);
	for (size_t i = 0; i < undo->candidates; i++) {
		const struct named_candidate *item = &undo->candidate[i];
		char when[WHEN_TEXT], time[TIME_TEXT], commit[11];

		snprintf(commit, sizeof(commit), "%.10s", item->commit);
		when_time(when, item->time);
		table_row(table, commit, item->host, when, item->subject);
		json_array_append_new(list,
		                      json_pack("{s:i, s:s, s:s, s:s, s:o}", "task",
		                                (int)item->task, "commit", item->commit, "host",
		                                item->host, "time", time_format(time, item->time),
		                                "subject", json_of_text(item->subject)));
	}
	if (json)
		json_print(json_pack("{s:n, s:O}", "reverted", "candidates", list));
	else
		table_write(table, stderr);
	table_free(table);
	json_decref(list);
	return EXIT_FAILED;
}

static int revert(struct reader *reader, const struct settings *settings, struct fault *fault)
{
	struct named_commits undo;
	json_t *response = NULL, *left = json_array();
	struct fault reason = {""};
	int status = names_find(&undo, reader, settings->argument[0], fault);

	if (status == -ENOTUNIQ)
		status = print_candidates(settings->json, &undo, fault);
	if (status == 0)
		status = ask_revert(&response, settings, &undo, fault);
	if (status != 0)
		goto out;
	if (json_number(response, "chosen") > 0 &&
	    reader_undo_left(reader, &undo, json_text(response, "commit"), note_left, left,
	                     &reason) < 0)
		log_warning("cannot list the addresses that were left alone: %s", reason.text);
	status = print(settings->json, undo.name, response, left);
out:
	json_decref(response);
	json_decref(left);
	names_clear(&undo);
	return status;
}

static int run(void *arguments, struct fault *fault)
{
	const struct settings *settings = arguments;
	struct reader *reader = NULL;
	int status = source_open_agents(&reader, settings, fault);

	if (status == 0)
		status = revert(reader, settings, fault);
	reader_close(reader);
	return status;
}

const struct command_spec command_revert = {
        .size = sizeof(struct settings),
        .arguments = "TASK|COMMIT",
        .too_few = "give a task or a commit",
        .doc = doc,
        .run = run,
};
