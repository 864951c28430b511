/* SPDX-License-Identifier: MIT */
/* `arpkeeper at`: the table, or one address, as it was; from the repository alone. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "cli/command.h"
#include "cli/entry_json.h"
#include "cli/moment.h"
#include "cli/settings.h"
#include "cli/source.h"
#include "cli/table.h"
#include "cli/words.h"
#include "reader/reader.h"

#define ROWS_AT_ONCE 256 /* that are aligned together; then they are written */

static const char doc[] =
        "The table as it was at TIME, or an address or prefix of it; from the repository alone. "
        "Needs no agent and no root.\v" MOMENT_HELP "\n"
        "The repository is found as by `arpkeeper log`. What main named at that time is told: the "
        "newest commit on its line of first parents that is not later.\n"
        "\n"
        "Examples:\n"
        "  arpkeeper at yesterday\n"
        "  arpkeeper at 'last tuesday 14:05' 10.0.3.17\n"
        "  arpkeeper at 2026-11-22T10:15:00Z 10.0.3.0/24 --json\n";

static const struct argp_option options[] = {
        {"segment", 's', "NAME", 0, "Only this segment", 0},
        {0},
};

struct arguments {
	struct settings settings;
	const char *time, *subject, *segment;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	switch (key) {
	case ARGP_KEY_INIT:
		settings_init(state, settings_history_children, &arguments->settings);
		return 0;
	case 's':
		arguments->segment = argument;
		return 0;
	case ARGP_KEY_ARG:
		if (!arguments->time)
			arguments->time = argument;
		else if (!arguments->subject)
			arguments->subject = argument;
		else
			argp_error(state, "one time, and one address or prefix: put the time into "
			                  "quotes if it has spaces");
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "of which time? See --help");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

struct output {
	const struct reader_moment *moment;
	struct table *table; /* NULL: JSON */
	const char *address; /* one address was asked for */
	size_t entries;
	json_t *only; /* of that address, if but one segment has it */
};

static int print_json(struct output *output, const char *segment, uint32_t address,
                      const struct entry *entry)
{
	json_t *object = entry_json_row(segment, address, entry);

	if (!object)
		return -ENOMEM;
	fputs(output->entries ? ",\n  " : "\n  ", stdout);
	json_dumpf(object, stdout, JSON_COMPACT);
	if (output->address && output->entries == 0) {
		output->only = json_incref(object);
	} else if (output->only) {
		json_decref(output->only);
		output->only = NULL;
		log_warning("%s: several segments have it, so \"entry\" is null; --segment says "
		            "which is meant",
		            output->address);
	}
	json_decref(object);
	return 0;
}

static void print_row(struct output *output, const char *segment, uint32_t address,
                      const struct entry *entry)
{
	char text[IPV4_TEXT], mac[MAC_TEXT], since[TIME_TEXT], when[WORDS_TIME_TEXT];

	table_row(output->table, ipv4_format(text, address), mac_format(mac, entry->mac),
	          entry_state_name(entry->state),
	          words_time(when, time_format(since, entry->since)), segment, entry->origin,
	          entry->note);
}

static int print(void *context, const char *segment, uint32_t address, const struct entry *entry)
{
	struct output *output = context;
	int error = 0;

	if (output->table)
		print_row(output, segment, address, entry);
	else
		error = print_json(output, segment, address, entry);
	output->entries++;
	if (output->table && output->entries % ROWS_AT_ONCE == 0)
		error = table_write(output->table, stdout);
	return error < 0 ? error : ferror(stdout);
}

/* Which moment it is that is shown: on a line of its own, above the table. */
static void print_heading(const struct output *output, int64_t asked)
{
	char utc[TIME_TEXT], when[WORDS_TIME_TEXT], made[WORDS_TIME_TEXT];

	line_write(stdout, "at %s: commit %.7s of %s", words_time(when, time_format(utc, asked)),
	           output->moment->commit,
	           words_time(made, time_format(utc, output->moment->time)));
}

static void end_json(struct output *output)
{
	fputs(output->entries ? "\n]" : "]", stdout);
	if (output->address) {
		fputs(",\n\"entry\": ", stdout);
		if (output->only)
			json_dumpf(output->only, stdout, JSON_COMPACT);
		else
			fputs("null", stdout);
	}
	puts("}");
	json_decref(output->only);
}

static int show(struct reader *reader, const struct arguments *arguments, int64_t time,
                const struct prefix *prefix, struct fault *fault)
{
	static const struct table_column columns[] = {
	        {.title = "ADDRESS"}, {.title = "MAC"},    {.title = "STATE"}, {.title = "SINCE"},
	        {.title = "SEGMENT"}, {.title = "ORIGIN"}, {.title = "NOTE"},
	};
	struct reader_moment moment;
	struct output output = {.moment = &moment};
	char utc[TIME_TEXT];
	int error = reader_at(reader, &moment, time, fault);

	if (error < 0)
		return error;
	if (prefix && prefix->length == 32)
		output.address = arguments->subject;
	if (arguments->settings.json) {
		printf("{\"time\": \"%s\", \"commit\": \"%s\",", time_format(utc, time),
		       moment.commit);
		if (output.address)
			printf(" \"address\": \"%s\",", output.address);
		fputs(" \"entries\": [", stdout);
	} else {
		print_heading(&output, time);
		output.table = table_new(columns, 7);
	}
	error = reader_table(reader, &moment, prefix, arguments->segment, print, &output, fault);
	if (arguments->settings.json)
		end_json(&output);
	else if (error == 0 && output.entries == 0)
		line_write(stdout, "%s%s", output.address ? output.address : "nothing",
		           output.address ? " was absent" : " was known");
	else if (table_write(output.table, stdout) < 0 && error == 0)
		error = fault_set(fault, -ENOMEM, "out of memory: the list is not complete");
	table_free(output.table);
	return error;
}

int command_at(int argc, char **argv)
{
	const struct argp argp = {
	        options, parse, "TIME [ADDRESS|PREFIX]", doc, settings_history_children,
	        NULL,    NULL};
	struct arguments arguments = {0};
	struct reader *reader = NULL;
	struct fault fault = {""};
	struct prefix prefix = {0};
	int64_t time = 0;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	if ((arguments.subject && prefix_parse(&prefix, arguments.subject, &fault) < 0) ||
	    moment_parse(&time, arguments.time, &fault) < 0) {
		log_error("%s", fault.text);
		return EXIT_FAILED;
	}
	status = settings_load(&arguments.settings);
	if (status == EXIT_OK &&
	    (source_open(&reader, &arguments.settings, &fault) < 0 ||
	     show(reader, &arguments, time, arguments.subject ? &prefix : NULL, &fault) < 0)) {
		log_error("%s", fault.text[0] ? fault.text : "out of memory");
		status = EXIT_FAILED;
	}
	reader_close(reader);
	settings_clear(&arguments.settings);
	return status;
}
