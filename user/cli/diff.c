/* SPDX-License-Identifier: MIT */
/* `arpkeeper diff`: what became of each address between two times; from the repository alone. */
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
        "What differs between the table at one TIME and at another (default: now), address by "
        "address; from the repository alone. Needs no agent and no root. What came and went in "
        "between is not told: that is `arpkeeper log`.\v" MOMENT_HELP "\n"
        "Examples:\n"
        "  arpkeeper diff yesterday\n"
        "  arpkeeper diff 2026-11-22T10:00:00Z 2026-11-22T10:30:00Z --json\n"
        "  arpkeeper diff '2 hours ago' now -a 10.0.3.0/24\n";

static const struct argp_option options[] = {
        {"segment", 's', "NAME", 0, "Only this segment", 0},
        {"address", 'a', "ADDRESS|PREFIX", 0, "Only these addresses", 0},
        {0},
};

struct arguments {
	struct settings settings;
	const char *from, *to, *subject, *segment;
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
	case 'a':
		arguments->subject = argument;
		return 0;
	case ARGP_KEY_ARG:
		if (!arguments->from)
			arguments->from = argument;
		else if (!arguments->to)
			arguments->to = argument;
		else
			argp_error(state, "two times: put them into quotes if they have spaces");
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "since which time? See --help");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

struct output {
	struct table *table; /* NULL: JSON */
	size_t changes;
};

static int print_json(struct output *output, const char *segment, uint32_t address,
                      const struct entry *before, const struct entry *after)
{
	char text[IPV4_TEXT];
	json_t *object = json_pack("{s:s, s:s, s:o, s:o}", "segment", segment, "address",
	                           ipv4_format(text, address), "before", entry_json(before),
	                           "after", entry_json(after));

	if (!object)
		return -ENOMEM;
	fputs(output->changes ? ",\n  " : "\n  ", stdout);
	json_dumpf(object, stdout, JSON_COMPACT);
	json_decref(object);
	return 0;
}

/* "02:50:2a:16:6d:01, static" */
#define SIDE_TEXT (MAC_TEXT + sizeof(", static"))

static const char *side_of(char text[SIDE_TEXT], const struct entry *entry)
{
	char mac[MAC_TEXT];

	if (!entry)
		return NULL;
	snprintf(text, SIDE_TEXT, "%s%s", mac_format(mac, entry->mac),
	         entry->state == ENTRY_STATIC ? ", static" : "");
	return text;
}

static const char *verb_of(const struct entry *before, const struct entry *after)
{
	if (!before)
		return "new";
	if (!after)
		return "gone";
	if (!mac_equal(before->mac, after->mac))
		return "moved";
	if (before->state != after->state)
		return after->state == ENTRY_STATIC ? "now static" : "now dynamic";
	return before->since != after->since ? "came back" : "described anew";
}

static int print(void *context, const char *segment, uint32_t address, const struct entry *before,
                 const struct entry *after)
{
	struct output *output = context;
	char text[IPV4_TEXT], old[SIDE_TEXT], new[SIDE_TEXT];
	int error = 0;

	if (output->table)
		table_row(output->table, ipv4_format(text, address), verb_of(before, after),
		          side_of(old, before), side_of(new, after), segment);
	else
		error = print_json(output, segment, address, before, after);
	output->changes++;
	if (output->table && output->changes % ROWS_AT_ONCE == 0)
		error = table_write(output->table, stdout);
	return error < 0 ? error : ferror(stdout);
}

static void print_heading(const struct reader_moment *from, const struct reader_moment *to,
                          int64_t from_time, int64_t to_time)
{
	char utc[TIME_TEXT], first[WORDS_TIME_TEXT], last[WORDS_TIME_TEXT];

	line_write(stdout, "from %s (commit %.7s) to %s (commit %.7s)",
	           words_time(first, time_format(utc, from_time)), from->commit,
	           words_time(last, time_format(utc, to_time)), to->commit);
}

static void print_opening(const struct reader_moment *from, const struct reader_moment *to,
                          int64_t from_time, int64_t to_time)
{
	char utc[TIME_TEXT];

	printf("{\"from\": {\"time\": \"%s\", \"commit\": \"%s\"}, ", time_format(utc, from_time),
	       from->commit);
	printf("\"to\": {\"time\": \"%s\", \"commit\": \"%s\"}, \"changes\": [",
	       time_format(utc, to_time), to->commit);
}

static int show(struct reader *reader, const struct arguments *arguments, int64_t from_time,
                int64_t to_time, const struct prefix *prefix, struct fault *fault)
{
	static const struct table_column columns[] = {
	        {.title = "ADDRESS"}, {.title = "WHAT"},    {.title = "BEFORE"},
	        {.title = "AFTER"},   {.title = "SEGMENT"},
	};
	bool json = arguments->settings.json;
	struct reader_moment from, to;
	struct output output = {0};
	int error = reader_at(reader, &from, from_time, fault);

	if (error == 0)
		error = reader_at(reader, &to, to_time, fault);
	if (error < 0)
		return error;
	if (json) {
		print_opening(&from, &to, from_time, to_time);
	} else {
		print_heading(&from, &to, from_time, to_time);
		output.table = table_new(columns, 5);
	}
	error = reader_diff(reader, &from, &to, prefix, arguments->segment, print, &output, fault);
	if (json)
		puts(output.changes ? "\n]}" : "]}");
	else if (error == 0 && output.changes == 0)
		puts("no difference");
	else if (table_write(output.table, stdout) < 0 && error == 0)
		error = fault_set(fault, -ENOMEM, "out of memory: the list is not complete");
	table_free(output.table);
	return error;
}

int command_diff(int argc, char **argv)
{
	const struct argp argp = {options, parse, "TIME [TIME]", doc, settings_history_children,
	                          NULL,    NULL};
	struct arguments arguments = {.to = NULL};
	struct reader *reader = NULL;
	struct fault fault = {""};
	struct prefix prefix = {0};
	int64_t from = 0, to = 0;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	if ((arguments.subject && prefix_parse(&prefix, arguments.subject, &fault) < 0) ||
	    moment_parse(&from, arguments.from, &fault) < 0 ||
	    moment_parse(&to, arguments.to ? arguments.to : "now", &fault) < 0) {
		log_error("%s", fault.text);
		return EXIT_FAILED;
	}
	status = settings_load(&arguments.settings);
	if (status == EXIT_OK &&
	    (source_open(&reader, &arguments.settings, &fault) < 0 ||
	     show(reader, &arguments, from, to, arguments.subject ? &prefix : NULL, &fault) < 0)) {
		log_error("%s", fault.text[0] ? fault.text : "out of memory");
		status = EXIT_FAILED;
	}
	reader_close(reader);
	settings_clear(&arguments.settings);
	return status;
}
