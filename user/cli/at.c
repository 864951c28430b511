/* SPDX-License-Identifier: MIT */
/* `arpkeeper at`: the table, or one address, as it was. Reads the repository; needs no agent. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/json.h"
#include "cli/moment.h"
#include "cli/rows.h"
#include "cli/source.h"
#include "cli/when.h"
#include "reader/reader.h"

#define ROWS_AT_ONCE 256

static const char doc[] =
        "The table as it was at TIME, or an address or prefix of it. Reads the repository; needs "
        "no agent and no root.\v" MOMENT_HELP "\n"
        "The repository is found as by `arpkeeper log`. The table is that of the commit that "
        "main named at that time: the newest on its line of first parents that is not later.\n"
        "\n"
        "Examples:\n"
        "  arpkeeper at yesterday\n"
        "  arpkeeper at 'last tuesday 14:05' 10.0.3.17\n"
        "  arpkeeper at 2026-11-22T10:15:00Z 10.0.3.0/24 --json\n";

struct arguments {
	struct settings settings; /* its arguments: TIME, ADDRESS|PREFIX */
	const char *segment;
};

static const struct command_option options[] = {
        {"segment", "NAME", "Only this segment", STORE(segment), .letter = 's'},
        {0},
};

struct output {
	struct rows rows;
	const char *address; /* set if it is about a single address */
	json_t *only;        /* the entry of that address, if just one segment has it */
};

/* Keeps the entry of a single address for the end of the JSON. */
static json_t *keep_only(struct output *output, json_t *row)
{
	if (output->address && output->rows.count == 0) {
		output->only = json_incref(row);
	} else if (output->only) {
		json_decref(output->only);
		output->only = NULL;
		log_warning("%s: several segments have it, so \"entry\" is null: name one with "
		            "--segment",
		            output->address);
	}
	return row;
}

static int print(void *context, const char *segment, uint32_t address, const struct entry *before,
                 const struct entry *entry)
{
	char text[IPV4_TEXT], mac[MAC_TEXT], since[WHEN_TEXT];
	struct output *output = context;

	(void)before;
	if (!output->rows.table)
		return rows_add(&output->rows,
		                keep_only(output, json_entry_row(segment, address, entry)));
	table_row(output->rows.table, ipv4_format(text, address), mac_format(mac, entry->mac),
	          entry_state_name(entry->state), when_time(since, entry->since), segment,
	          entry->origin, entry->note);
	return rows_add(&output->rows, NULL);
}

static void print_heading(const struct reader_moment *moment, const char *address, bool json,
                          int64_t asked)
{
	char utc[TIME_TEXT], when[WHEN_TEXT], made[WHEN_TEXT];

	if (!json) {
		line_write(stdout, "at %s: commit %.7s of %s", when_time(when, asked),
		           moment->commit, when_time(made, moment->time));
		return;
	}
	printf("{\"time\": \"%s\", \"commit\": \"%s\",", time_format(utc, asked), moment->commit);
	if (address)
		printf(" \"address\": \"%s\",", address);
	fputs(" \"entries\": [", stdout);
}

/* The end of the JSON: of a single address, its entry. */
static char *make_tail(const struct output *output)
{
	char *entry = output->only ? json_dumps(output->only, JSON_COMPACT) : NULL;
	char *tail = NULL;

	if (output->address && asprintf(&tail, ",\n\"entry\": %s", entry ? entry : "null") < 0)
		tail = NULL;
	free(entry);
	return tail;
}

static int show(struct reader *reader, const struct arguments *arguments, int64_t time,
                const struct prefix *prefix, struct fault *fault)
{
	const struct settings *settings = &arguments->settings;
	bool single = prefix && prefix->length == 32;
	struct output output = {.rows = {.titles = "ADDRESS|MAC|STATE|SINCE|SEGMENT|ORIGIN|NOTE",
	                                 .opening = "",
	                                 .at_once = ROWS_AT_ONCE},
	                        .address = single ? settings->argument[1] : NULL};
	char nothing[PREFIX_TEXT + sizeof(" was absent")], *tail;
	struct reader_moment moment;
	int error = reader_at(reader, &moment, time, fault);

	if (error < 0)
		return error;
	print_heading(&moment, output.address, settings->json, time);
	error = rows_begin(&output.rows, settings->json);
	if (error == 0)
		error = reader_diff(reader, NULL, &moment, prefix, arguments->segment, print,
		                    &output, fault);
	snprintf(nothing, sizeof(nothing), "%s was absent", single ? output.address : "");
	tail = make_tail(&output);
	error = rows_end(&output.rows, error, single ? nothing : "nothing was known",
	                 tail ? tail : "", fault);
	free(tail);
	json_decref(output.only);
	return error;
}

static int run(void *given, struct fault *fault)
{
	const struct arguments *arguments = given;
	const char *subject = arguments->settings.argument[1];
	struct reader *reader = NULL;
	struct prefix prefix = {0};
	int64_t time = 0;
	int error = subject ? prefix_parse(&prefix, subject, fault) : 0;

	if (error == 0)
		error = moment_parse(&time, arguments->settings.argument[0], fault);
	if (error == 0)
		error = source_open(&reader, &arguments->settings, fault);
	if (error == 0)
		error = show(reader, arguments, time, subject ? &prefix : NULL, fault);
	reader_close(reader);
	return error;
}

const struct command_spec command_at = {
        .size = sizeof(struct arguments),
        .arguments = "TIME [ADDRESS|PREFIX]",
        .too_few = "give a time: see --help",
        .too_many = "one time, and one address or prefix: put the time into quotes if it has "
                    "spaces",
        .doc = doc,
        .options = options,
        .run = run,
};
