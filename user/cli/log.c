/* SPDX-License-Identifier: MIT */
/* `arpkeeper log`: the life of addresses in words. Reads the repository, and needs no agent. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/json.h"
#include "cli/source.h"
#include "cli/table.h"
#include "cli/when.h"
#include "cli/words.h"
#include "format/format.h"

#define ROWS_AT_ONCE 64 /* few: the search for them may take long */

static const char doc[] =
        "What happened to an address, to every address that a MAC had, or to all: newest first. "
        "Reads the repository; needs no agent and no root.\v"
        "The repository is that of --repo, of the configuration, of the agent that --control "
        "names, the default one, or else the running agent's. A clone is fine. What was pushed and "
        "had no effect is told as that, with the reason. An address or a "
        "MAC is looked up in an index. If there is none, the first search makes it, and keeps it "
        "if the repository is your own.\n"
        "\n"
        "Examples:\n"
        "  arpkeeper log 10.0.3.17\n"
        "  arpkeeper log 02:50:2a:16:6d:01 -n 20\n"
        "  arpkeeper log --repo /var/lib/arpkeeper/history.git --json\n";

struct arguments {
	struct settings settings;
	const char *segment, *limit;
};

static int check_limit(const char *text, struct fault *fault)
{
	char *end;

	errno = 0;
	if (strtoul(text, &end, 10) == 0 || errno || *end || *text < '0' || *text > '9')
		return fault_set(fault, -EINVAL, "'%s' is not a limit: give a number from 1", text);
	return 0;
}

static const struct command_option options[] = {
        {"limit", "LIMIT", "Print at most so many (default: all)", STORE(limit),
         .check = check_limit, .letter = 'n'},
        {"segment", "NAME", "Only this segment", STORE(segment), .letter = 's'},
        {0},
};

struct output {
	struct rows rows;
	bool one_address;
};

static json_t *event_json(const struct reader_event *event)
{
	static const char *const fates[] = {[READER_TOOK] = "taken",
	                                    [READER_LOST] = "not_taken",
	                                    [READER_KNOWN] = "not_needed",
	                                    [READER_OVERTAKEN] = "overtaken"};
	char time[TIME_TEXT], address[IPV4_TEXT];

	return json_pack(
	        "{s:s, s:s, s:s, s:o, s:o, s:b, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, "
	        "s:s, s:s}",
	        "time", time_format(time, event->time), "segment", event->segment, "address",
	        ipv4_format(address, event->address), "before", json_entry(event->before), "after",
	        json_entry(event->after), "begins", event->begins, "fate", fates[event->fate],
	        "why", json_of_text(event->why), "winner", json_of_text(event->winner), "task",
	        json_of_text(event->task), "interface", json_of_text(event->interface), "trigger",
	        json_of_text(event->trigger), "author", json_of_text(event->author), "subject",
	        json_of_text(event->subject), "commit", event->commit, "main", event->main);
}

static struct words_side side_of(const struct entry *entry, char mac[MAC_TEXT])
{
	if (!entry)
		return (struct words_side){0};
	return (struct words_side){mac_format(mac, entry->mac), entry_state_name(entry->state)};
}

/* What was pushed, and why it had no effect. Of a task's change `words` say what it was. */
static void print_fate(char words[WORDS_TEXT], const struct words_transition *transition,
                       const struct reader_event *event)
{
	const struct words_side *after = &transition->after;
	char what[WORDS_TEXT], lost[WORDING_LOST];

	if (*event->task)
		snprintf(what, sizeof(what), "%.200s", words);
	else if (after->mac)
		snprintf(what, sizeof(what), "pushed by %.100s (%s, %s)", event->author, after->mac,
		         after->state);
	else
		snprintf(what, sizeof(what), "pushed by %.100s (a removal)", event->author);
	switch (event->fate) {
	case READER_KNOWN:
		snprintf(words, WORDS_TEXT, "%.220s, not needed: main had it already", what);
		break;
	case READER_OVERTAKEN:
		snprintf(words, WORDS_TEXT, "%.220s, not taken: its branch changed it again", what);
		break;
	default:
		snprintf(words, WORDS_TEXT, "%.220s, not taken: %s", what,
		         wording_lost(lost, event->why, event->winner));
	}
}

static void print_row(const struct output *output, const struct reader_event *event)
{
	char before[MAC_TEXT], after[MAC_TEXT], when[WHEN_TEXT];
	char address[IPV4_TEXT], words[WORDS_TEXT], by[128], commit[8];
	bool is_operator = strncmp(event->task, "operator/", strlen("operator/")) == 0;
	const struct words_transition transition = {
	        .task = event->task,
	        .before = side_of(event->before, before),
	        .after = side_of(event->after, after),
	        .interface = event->interface,
	        .trigger = is_operator ? by : event->trigger,
	};

	snprintf(by, sizeof(by), "by %s", event->author);
	when_time(when, event->time);
	words_of(words, &transition);
	if (event->fate != READER_TOOK)
		print_fate(words, &transition, event);
	/* The commit says only what was there, not what it changed. */
	if (event->begins)
		snprintf(words, sizeof(words), "at %s when the history that is kept begins",
		         transition.after.mac ? transition.after.mac : "?");
	snprintf(commit, sizeof(commit), "%.7s", event->commit);
	if (output->one_address)
		table_row(output->rows.table, when, words, *event->task ? event->task : by, commit,
		          event->segment, event->subject);
	else
		table_row(output->rows.table, when, ipv4_format(address, event->address), words,
		          *event->task ? event->task : by, commit, event->segment, event->subject);
}

static int print(void *context, const struct reader_event *event)
{
	struct output *output = context;

	if (output->rows.table)
		print_row(output, event);
	return rows_add(&output->rows, output->rows.table ? NULL : event_json(event));
}

static int print_all(struct reader *reader, const struct reader_query *query, bool json,
                     struct fault *fault)
{
	struct output output = {
	        .rows = {.titles = query->address ? "TIME|WHAT|TASK|COMMIT|SEGMENT|SUBJECT"
	                                          : "TIME|ADDRESS|WHAT|TASK|COMMIT|SEGMENT|SUBJECT",
	                 .opening = "{\"events\": [",
	                 .at_once = ROWS_AT_ONCE},
	        .one_address = query->address};
	int error = rows_begin(&output.rows, json);

	if (error == 0)
		error = reader_log(reader, query, print, &output, fault);
	return rows_end(&output.rows, error, "nothing is recorded", "", fault);
}

static int run(void *given, struct fault *fault)
{
	const struct arguments *arguments = given;
	const char *subject = arguments->settings.argument[0], *limit = arguments->limit;
	struct reader_query query = {.segment = arguments->segment,
	                             .limit = limit ? strtoul(limit, NULL, 10) : 0};
	struct reader *reader = NULL;
	uint32_t address;
	struct mac mac;
	int error;

	if (subject && ipv4_parse(&address, subject) == 0)
		query.address = &address;
	else if (subject && mac_read(&mac, subject) == 0)
		query.mac = &mac;
	else if (subject)
		return fault_set(fault, RUN_USAGE,
		                 "%s is neither an IPv4 address (10.0.3.17) nor a MAC address "
		                 "(02:50:2a:16:6d:01)",
		                 subject);
	error = source_open(&reader, &arguments->settings, fault);
	if (error == 0)
		error = print_all(reader, &query, arguments->settings.json, fault);
	reader_close(reader);
	return error;
}

const struct command_spec command_log = {
        .size = sizeof(struct arguments),
        .arguments = "[ADDRESS|MAC]",
        .doc = doc,
        .options = options,
        .run = run,
};
