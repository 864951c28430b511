/* SPDX-License-Identifier: MIT */
/*
 * `arpkeeper at` and `arpkeeper diff`: the table, or one address, as it was; and what changed
 * between two times. Both read the repository, and need no agent.
 */
#include <errno.h>
#include <stdlib.h>

#include "cli/command.h"
#include "cli/source.h"
#include "cli/table.h"
#include "cli/when.h"
#include "cli/words.h"
#include "client/client.h"

#define ROWS_AT_ONCE 256

static const char at_doc[] =
        "The table as it was at TIME, or an address or prefix of it. Reads the repository; needs "
        "no agent and no root.\v" MOMENT_HELP "\n"
        "The repository is found as by `arpkeeper log`. The table is that of the commit that "
        "main named at that time: the newest on its line of first parents that is not later.\n"
        "\n"
        "Examples:\n"
        "  arpkeeper at yesterday\n"
        "  arpkeeper at 'last tuesday 14:05' 10.0.3.17\n"
        "  arpkeeper at 2026-11-22T10:15:00Z 10.0.3.0/24 --json\n"
        "  arpkeeper at yesterday 2001:db8:0:7::/64\n";

static const char diff_doc[] =
        "What differs between the table at one TIME and at another (default: now), address by "
        "address. Reads the repository; needs no agent and no root. `arpkeeper log` shows what "
        "came and went in between.\v" MOMENT_HELP "\n"
        "Examples:\n"
        "  arpkeeper diff yesterday\n"
        "  arpkeeper diff 2026-11-22T10:00:00Z 2026-11-22T10:30:00Z --json\n"
        "  arpkeeper diff '2 hours ago' now -a 10.0.3.0/24\n";

struct arguments {
	struct settings settings; /* its arguments: TIME, ADDRESS|PREFIX; or two times */
	const char *subject, *segment;
};

static const struct command_option options[] = {
        {"address", "ADDRESS|PREFIX", "Only these addresses", STORE(subject), .letter = 'a'},
        {"segment", "NAME", "Only this segment", STORE(segment), .letter = 's'},
        {0},
};

struct moment {
	int64_t asked;
	struct reader_moment found;
};

struct look {
	const struct arguments *arguments;
	struct reader *reader;
	struct moment from, to;
	struct prefix prefix;
	const struct prefix *wanted; /* NULL: all addresses */
	struct rows rows;
	const char *address; /* set if it is about a single address: as it is written */
	json_t *only;        /* the entry of that address, if just one segment has it */
};

/* Opens the repository, and finds both times in it. `from` NULL: only one. */
static int look_up(struct look *look, const char *subject, const char *from, const char *to,
                   struct fault *fault)
{
	int error = from ? moment_parse(&look->from.asked, from, fault) : 0;

	if (error == 0)
		error = moment_parse(&look->to.asked, to, fault);
	if (error == 0 && subject)
		error = prefix_parse(&look->prefix, subject, fault);
	look->wanted = subject ? &look->prefix : NULL;
	if (error == -EINVAL)
		return RUN_USAGE;
	if (error == 0)
		error = source_open(&look->reader, &look->arguments->settings, fault);
	if (error == 0 && from)
		error = reader_at(look->reader, &look->from.found, look->from.asked, fault);
	if (error == 0)
		error = reader_at(look->reader, &look->to.found, look->to.asked, fault);
	return error;
}

static int list(struct look *look, const struct reader_moment *from, reader_difference_fn *print,
                struct fault *fault)
{
	int error = rows_begin(&look->rows, look->arguments->settings.json);

	return error ? error
	             : reader_diff(look->reader, from, &look->to.found, look->wanted,
	                           look->arguments->segment, print, look, fault);
}

/* Keeps the entry of a single address for the end of the JSON. */
static json_t *keep_only(struct look *look, json_t *row)
{
	if (look->address && look->rows.count == 0) {
		look->only = json_incref(row);
	} else if (look->only) {
		json_decref(look->only);
		look->only = NULL;
		log_warning("%s: several segments have it, so \"entry\" is null: name one with "
		            "--segment",
		            look->address);
	}
	return row;
}

static int print_entry(void *context, const char *segment, struct address address,
                       const struct entry *before, const struct entry *entry)
{
	char text[ADDRESS_TEXT], mac[MAC_TEXT], since[WHEN_TEXT], state[WORDS_STATE];
	struct look *look = context;

	(void)before;
	if (!look->rows.table)
		return rows_add(&look->rows,
		                keep_only(look, json_entry_row(segment, address, entry)));
	table_row(look->rows.table, address_format(text, address), mac_format(mac, entry->mac),
	          words_state(state, entry), when_time(since, entry->since), segment, entry->origin,
	          entry->note);
	return rows_add(&look->rows, NULL);
}

static void print_at(const struct look *look)
{
	char utc[TIME_TEXT], when[WHEN_TEXT], made[WHEN_TEXT];
	const struct moment *to = &look->to;

	if (!look->arguments->settings.json) {
		line_write(stdout, "at %s: commit %.7s of %s", when_time(when, to->asked),
		           to->found.commit, when_time(made, to->found.time));
		return;
	}
	printf("{\"time\": \"%s\", \"commit\": \"%s\",", time_format(utc, to->asked),
	       to->found.commit);
	if (look->address)
		printf(" \"address\": \"%s\",", look->address);
	fputs(" \"entries\": [", stdout);
}

/* The end of the JSON: of a single address, its entry. */
static char *make_tail(const struct look *look)
{
	char *entry = look->only ? json_dumps(look->only, JSON_COMPACT) : NULL;
	char *tail = NULL;

	if (look->address && asprintf(&tail, ",\n\"entry\": %s", entry ? entry : "null") < 0)
		tail = NULL;
	free(entry);
	return tail;
}

static int show(struct look *look, struct fault *fault)
{
	char nothing[PREFIX_TEXT + sizeof(" was absent")] = "nothing was known", *tail;
	int error;

	print_at(look);
	error = list(look, NULL, print_entry, fault);
	if (look->address)
		snprintf(nothing, sizeof(nothing), "%s was absent", look->address);
	tail = make_tail(look);
	error = rows_end(&look->rows, error, nothing, tail ? tail : "", fault);
	free(tail);
	json_decref(look->only);
	return error;
}

static int run_at(void *given, struct fault *fault)
{
	const struct arguments *arguments = given;
	const char *const *argument = arguments->settings.argument;
	struct look look = {.arguments = arguments,
	                    .rows = {.titles = "ADDRESS|MAC|*STATE|SINCE|SEGMENT|~ORIGIN|~NOTE",
	                             .opening = "",
	                             .at_once = ROWS_AT_ONCE}};
	char text[ADDRESS_TEXT];
	int error = look_up(&look, argument[1], NULL, argument[0], fault);

	if (look.wanted && look.prefix.length == address_bits(look.prefix.network))
		look.address = address_format(text, look.prefix.network);
	if (error == 0)
		error = show(&look, fault);
	reader_close(look.reader);
	return error;
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

static int print_change(void *context, const char *segment, struct address address,
                        const struct entry *before, const struct entry *after)
{
	char text[ADDRESS_TEXT], old[WORDS_ENTRY], new[WORDS_ENTRY];
	struct rows *rows = &((struct look *)context)->rows;

	address_format(text, address);
	if (!rows->table)
		return rows_add(rows, json_pack("{s:s, s:s, s:o, s:o}", "segment", segment,
		                                "address", text, "before", json_entry(before),
		                                "after", json_entry(after)));
	table_row(rows->table, text, verb_of(before, after), words_entry(old, before),
	          words_entry(new, after), segment);
	return rows_add(rows, NULL);
}

static void print_times(const struct moment *from, const struct moment *to, bool json)
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

static int run_diff(void *given, struct fault *fault)
{
	const struct arguments *arguments = given;
	const char *const *time = arguments->settings.argument;
	struct look look = {.arguments = arguments,
	                    .rows = {.titles = "ADDRESS|WHAT|BEFORE|AFTER|SEGMENT",
	                             .opening = "",
	                             .at_once = ROWS_AT_ONCE}};
	int error = look_up(&look, arguments->subject, time[0], time[1] ? time[1] : "now", fault);

	if (error == 0) {
		print_times(&look.from, &look.to, arguments->settings.json);
		error = list(&look, &look.from.found, print_change, fault);
		error = rows_end(&look.rows, error, "no difference", "", fault);
	}
	reader_close(look.reader);
	return error;
}

const struct command_spec command_at = {
        .size = sizeof(struct arguments),
        .arguments = "TIME [ADDRESS|PREFIX]",
        .too_few = "give a time: see --help",
        .too_many = "one time, and one address or prefix: put the time into quotes if it has "
                    "spaces",
        .doc = at_doc,
        .options = options + 1, /* without --address */
        .run = run_at,
};

const struct command_spec command_diff = {
        .size = sizeof(struct arguments),
        .arguments = "TIME [TIME]",
        .too_few = "give a time: see --help",
        .too_many = "two times, and addresses with -a: put times into quotes if they have spaces",
        .doc = diff_doc,
        .options = options,
        .run = run_diff,
};
