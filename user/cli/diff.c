/* SPDX-License-Identifier: MIT */
/* `arpkeeper diff`: what changed between two times. Reads the repository, and needs no agent. */
#include <stdio.h>

#include "cli/command.h"
#include "cli/json.h"
#include "cli/moment.h"
#include "cli/rows.h"
#include "cli/source.h"
#include "cli/when.h"
#include "reader/reader.h"

#define ROWS_AT_ONCE 256

static const char doc[] =
        "What differs between the table at one TIME and at another (default: now), address by "
        "address. Reads the repository; needs no agent and no root. `arpkeeper log` shows what "
        "came and went in between.\v" MOMENT_HELP "\n"
        "Examples:\n"
        "  arpkeeper diff yesterday\n"
        "  arpkeeper diff 2026-11-22T10:00:00Z 2026-11-22T10:30:00Z --json\n"
        "  arpkeeper diff '2 hours ago' now -a 10.0.3.0/24\n";

struct arguments {
	struct settings settings; /* its arguments: the two times */
	const char *subject, *segment;
};

static const struct command_option options[] = {
        {"segment", "NAME", "Only this segment", STORE(segment), .letter = 's'},
        {"address", "ADDRESS|PREFIX", "Only these addresses", STORE(subject), .letter = 'a'},
        {0},
};

struct moment {
	int64_t asked;
	struct reader_moment found;
};

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
	char text[IPV4_TEXT], old[SIDE_TEXT], new[SIDE_TEXT];
	struct rows *rows = context;

	ipv4_format(text, address);
	if (!rows->table)
		return rows_add(rows, json_pack("{s:s, s:s, s:o, s:o}", "segment", segment,
		                                "address", text, "before", json_entry(before),
		                                "after", json_entry(after)));
	table_row(rows->table, text, verb_of(before, after), side_of(old, before),
	          side_of(new, after), segment);
	return rows_add(rows, NULL);
}

static void print_heading(const struct moment *from, const struct moment *to, bool json)
{
	char first[WHEN_TEXT], last[WHEN_TEXT];

	if (json)
		printf("{\"from\": {\"time\": \"%s\", \"commit\": \"%s\"}, "
		       "\"to\": {\"time\": \"%s\", \"commit\": \"%s\"}, \"changes\": [",
		       time_format(first, from->asked), from->found.commit,
		       time_format(last, to->asked), to->found.commit);
	else
		line_write(stdout, "from %s (commit %.7s) to %s (commit %.7s)",
		           when_time(first, from->asked), from->found.commit,
		           when_time(last, to->asked), to->found.commit);
}

static int show(struct reader *reader, const struct arguments *arguments, struct moment *from,
                struct moment *to, const struct prefix *prefix, struct fault *fault)
{
	struct rows rows = {.titles = "ADDRESS|WHAT|BEFORE|AFTER|SEGMENT",
	                    .opening = "",
	                    .at_once = ROWS_AT_ONCE};
	bool json = arguments->settings.json;
	int error = reader_at(reader, &from->found, from->asked, fault);

	if (error == 0)
		error = reader_at(reader, &to->found, to->asked, fault);
	if (error < 0)
		return error;
	print_heading(from, to, json);
	error = rows_begin(&rows, json);
	if (error == 0)
		error = reader_diff(reader, &from->found, &to->found, prefix, arguments->segment,
		                    print, &rows, fault);
	return rows_end(&rows, error, "no difference", "", fault);
}

static int run(void *given, struct fault *fault)
{
	const struct arguments *arguments = given;
	const char *const *time = arguments->settings.argument, *subject = arguments->subject;
	struct moment from = {0}, to = {0};
	struct reader *reader = NULL;
	struct prefix prefix = {0};
	int error = subject ? prefix_parse(&prefix, subject, fault) : 0;

	if (error == 0)
		error = moment_parse(&from.asked, time[0], fault);
	if (error == 0)
		error = moment_parse(&to.asked, time[1] ? time[1] : "now", fault);
	if (error == 0)
		error = source_open(&reader, &arguments->settings, fault);
	if (error == 0)
		error = show(reader, arguments, &from, &to, subject ? &prefix : NULL, fault);
	reader_close(reader);
	return error;
}

const struct command_spec command_diff = {
        .size = sizeof(struct arguments),
        .arguments = "TIME [TIME]",
        .too_few = "give a time: see --help",
        .too_many = "two times: put them into quotes if they have spaces",
        .doc = doc,
        .options = options,
        .run = run,
};
