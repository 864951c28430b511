/* SPDX-License-Identifier: MIT */
/*
 * `arpkeeper preview`: what a merge of a branch would make of the table now. Reads the repository,
 * and asks a running agent only for the host's own addresses.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/source.h"
#include "cli/table.h"
#include "cli/words.h"
#include "client/client.h"
#include "web/web.h"

#define ROWS_AT_ONCE 256

static const char doc[] =
        "What `arpkeeper merge BRANCH` would change in the table now: each address, each conflict "
        "and why the rule decides it so, what is invalid, whether --confirm is needed, and the "
        "command that merges it. Changes nothing.\v"
        "BRANCH is a branch of the repository, such as review/rack3 or merge/rack3, or a commit. A "
        "push to review/<anything> is not merged: it waits to be looked at.\n"
        "\n"
        "The repository is found as by `arpkeeper log`. Without a running agent, the host's own "
        "addresses are not known; the table refuses these.\n"
        "\n"
        "Examples:\n"
        "  git push origin HEAD:review/rack3\n"
        "  arpkeeper preview review/rack3\n"
        "  arpkeeper preview review/rack3 --json\n"
        "  arpkeeper merge review/rack3\n";

static const char *verb_of(const struct entry *now, const struct entry *then)
{
	if (!now)
		return "new";
	if (!then)
		return "removed";
	if (!mac_equal(now->mac, then->mac))
		return "moved";
	if (now->state != then->state)
		return then->state == ENTRY_STATIC ? "now static" : "now dynamic";
	return now->since != then->since ? "since another time" : "described anew";
}

/* "main's stays: later since" */
#define DECISION_TEXT 128

static const char *decision_of(char text[DECISION_TEXT], const struct preview_row *row)
{
	if (!row->why)
		return "";
	snprintf(text, DECISION_TEXT, "%s: %s", row->kept ? "main's stays" : "the branch's wins",
	         row->why);
	return text;
}

static int add_row(void *context, const struct preview_row *row)
{
	char address[ADDRESS_TEXT], now[WORDS_ENTRY], then[WORDS_ENTRY], decision[DECISION_TEXT];
	struct rows *rows = context;

	table_row(rows->table, address_format(address, row->address),
	          row->changed ? verb_of(row->now, row->then) : "kept", words_entry(now, row->now),
	          words_entry(then, row->kept ? row->theirs : row->then), row->segment,
	          decision_of(decision, row));
	return rows_add(rows, NULL);
}

static void print_count(const char *before, size_t count, const char *one, const char *many)
{
	printf("%s%zu %s", before, count, count == 1 ? one : many);
}

static void print_sum(const struct preview *preview)
{
	print_count("", preview->changed, "address would change", "addresses would change");
	if (preview->overwritten)
		print_count(", ", preview->overwritten, "of them over a change of main",
		            "of them over changes of main");
	if (preview->kept)
		print_count("; ", preview->kept, "change would not be taken",
		            "changes would not be taken");
	if (preview->files)
		print_count("; ", preview->files, "other file", "other files");
	if (preview->files_kept)
		print_count("; ", preview->files_kept, "other file that both sides changed stays",
		            "other files that both sides changed stay");
	putchar('\n');
}

static void print_invalid(const struct preview *preview)
{
	char path[PREVIEW_PATH];
	const char *reason;
	size_t i = 0;

	puts("all of it would be refused, and main stays as it is:");
	for (; preview_invalid(preview, i, path, &reason); i++)
		line_write(stdout, "  %s%s%s", path, *path ? ": " : "", reason);
	if (i < preview->invalid)
		printf("  and %zu more\n", preview->invalid - i);
}

static int print_words(const struct preview *preview, bool asked, struct fault *fault)
{
	struct rows rows = {.titles = "ADDRESS|WHAT|NOW|BRANCH|SEGMENT|~DECISION",
	                    .opening = "",
	                    .at_once = ROWS_AT_ONCE};
	int error = 0;

	line_write(stdout, "%s: commit %.10s, into main at %.10s", preview->branch, preview->commit,
	           preview->main);
	if (preview->known) {
		puts("nothing to merge: main has it already");
		return 0;
	}
	if (preview->invalid > 0) {
		print_invalid(preview);
		return 0;
	}
	if (preview->changed + preview->kept > 0) {
		error = rows_begin(&rows, false);
		if (!error)
			error = preview_each(preview, add_row, &rows);
		error = rows_end(&rows, error, "", "", fault);
	}
	if (error < 0)
		return error;
	print_sum(preview);
	if (!asked)
		puts("no agent was asked: the host's own addresses, which the table refuses, are "
		     "not known");
	if (preview->guarded)
		line_write(stdout,
		           "history.guard = %s: so many known addresses change only with "
		           "--confirm %zu",
		           preview->guard, preview->confirm);
	line_write(stdout, "to merge it: %s", preview->command);
	return 0;
}

/* A list of any length, as it comes. */
struct list {
	bool kept; /* which of the rows */
	size_t count;
};

static int put(struct list *list, json_t *member)
{
	int error = member ? 0 : -ENOMEM;

	fputs(list->count++ ? ",\n" : "\n", stdout);
	if (member && json_dumpf(member, stdout, JSON_COMPACT) < 0)
		error = 1;
	json_decref(member);
	return error;
}

static int put_row(void *context, const struct preview_row *row)
{
	struct list *list = context;

	if (list->kept)
		return row->kept ? put(list, preview_kept_json(row)) : 0;
	return row->changed ? put(list, preview_change_json(row)) : 0;
}

static int print_json(const struct preview *preview, bool asked, struct fault *fault)
{
	json_t *head = preview_head_json(preview, asked), *problem;
	char *text = head ? json_dumps(head, JSON_COMPACT) : NULL;
	struct list changes = {0}, kept = {.kept = true}, invalid = {0};
	int error = text ? 0 : -ENOMEM;

	if (text) {
		printf("%.*s,\n\"changes\": [", (int)strlen(text) - 1, text);
		error = preview_each(preview, put_row, &changes);
		fputs("],\n\"kept\": [", stdout);
		if (!error)
			error = preview_each(preview, put_row, &kept);
		fputs("],\n\"invalid\": [", stdout);
		while (!error && (problem = preview_invalid_json(preview, invalid.count)))
			error = put(&invalid, problem);
		puts("]}");
	}
	free(text);
	json_decref(head);
	return error < 0 ? fault_set(fault, error, "out of memory") : 0;
}

static int run(void *given, struct fault *fault)
{
	const struct settings *settings = given;
	struct preview_request request = {.name = settings->argument[0], .is_own = host_has};
	struct preview *preview = NULL;
	struct reader *reader = NULL;
	struct host host = {0};
	int error = source_open(&reader, settings, fault);

	if (error)
		return error;
	host_ask(&host, settings->control, reader_path(reader));
	request.context = &host;
	request.fleet_known = host.asked;
	request.in_fleet = host.in_fleet;
	error = reader_preview(&preview, reader, &request, fault);
	if (!error && settings->json)
		error = print_json(preview, host.asked, fault);
	else if (!error)
		error = print_words(preview, host.asked, fault);
	if (!error && preview->invalid > 0)
		error = EXIT_FAILED;
	preview_free(preview);
	host_clear(&host);
	reader_close(reader);
	return error;
}

const struct command_spec command_preview = {
        .size = sizeof(struct settings),
        .arguments = "BRANCH",
        .too_few = "give a branch",
        .doc = doc,
        .run = run,
};
