/* SPDX-License-Identifier: MIT */
/* `arpkeeper log`: the life of addresses in words, from the repository alone. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "cli/command.h"
#include "cli/entry_json.h"
#include "cli/settings.h"
#include "cli/source.h"
#include "cli/table.h"
#include "cli/words.h"
#include "reader/reader.h"

#define ROWS_AT_ONCE 64 /* that are aligned together; then they are written */

static const char doc[] =
        "What became of an address, or of every address that a MAC had, or of all: newest first, "
        "from the repository alone. Needs no agent and no root.\v"
        "The repository is the one of --repo, of the configuration, of the agent that --control "
        "names, the default one, or else the running agent's. A clone does as well. An address or "
        "a MAC is looked up in an index, which is made at the first time if there is none, and "
        "kept in a repository of your own.\n"
        "\n"
        "Examples:\n"
        "  arpkeeper log 10.0.3.17\n"
        "  arpkeeper log 02:50:2a:16:6d:01 -n 20\n"
        "  arpkeeper log --repo /var/lib/arpkeeper/history.git --json\n";

static const struct argp_option options[] = {
        {"limit", 'n', "LIMIT", 0, "At most so many (default: all)", 0},
        {"segment", 's', "NAME", 0, "Only this segment", 0},
        {0},
};

struct arguments {
	struct settings settings;
	const char *subject, *segment;
	size_t limit;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct arguments *arguments = state->input;
	char *end;

	switch (key) {
	case ARGP_KEY_INIT:
		settings_init(state, settings_history_children, &arguments->settings);
		return 0;
	case 'n':
		errno = 0;
		arguments->limit = strtoul(argument, &end, 10);
		if (errno || *end || *argument < '0' || *argument > '9' || arguments->limit == 0)
			argp_error(state, "%s is no limit: give a number from 1", argument);
		return 0;
	case 's':
		arguments->segment = argument;
		return 0;
	case ARGP_KEY_ARG:
		if (arguments->subject)
			argp_error(state, "one address or MAC at a time");
		arguments->subject = argument;
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

struct output {
	struct table *table;
	bool one_address;
	bool json;
	size_t events;
};

/* What comes from a commit need not be UTF-8. */
static json_t *text_json(const char *text)
{
	json_t *value = text && *text ? json_string(text) : json_null();

	return value ? value : json_string("(not UTF-8)");
}

static int print_json(struct output *output, const struct reader_event *event)
{
	char time[TIME_TEXT], address[IPV4_TEXT];
	json_t *object =
	        json_pack("{s:s, s:s, s:s, s:o, s:o, s:b, s:o, s:o, s:o, s:o, s:o, s:s}", "time",
	                  time_format(time, event->time), "segment", event->segment, "address",
	                  ipv4_format(address, event->address), "before", entry_json(event->before),
	                  "after", entry_json(event->after), "begins", event->begins, "task",
	                  text_json(event->task), "interface", text_json(event->interface),
	                  "trigger", text_json(event->trigger), "author", text_json(event->author),
	                  "subject", text_json(event->subject), "commit", event->commit);

	if (!object)
		return -ENOMEM;
	fputs(output->events ? ",\n  " : "{\"events\": [\n  ", stdout);
	json_dumpf(object, stdout, JSON_COMPACT);
	json_decref(object);
	return 0;
}

static struct words_side side_of(const struct entry *entry, char mac[MAC_TEXT])
{
	if (!entry)
		return (struct words_side){0};
	return (struct words_side){mac_format(mac, entry->mac), entry_state_name(entry->state)};
}

static void print_row(struct output *output, const struct reader_event *event)
{
	char before[MAC_TEXT], after[MAC_TEXT], utc[TIME_TEXT], when[WORDS_TIME_TEXT];
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
	words_time(when, time_format(utc, event->time));
	words_of(words, &transition);
	/* What its commit changed is not known; only what there was. */
	if (event->begins)
		snprintf(words, sizeof(words), "at %s when the history that is kept begins",
		         transition.after.mac ? transition.after.mac : "?");
	snprintf(commit, sizeof(commit), "%.7s", event->commit);
	if (output->one_address)
		table_row(output->table, when, words, *event->task ? event->task : by, commit,
		          event->segment, event->subject);
	else
		table_row(output->table, when, ipv4_format(address, event->address), words,
		          *event->task ? event->task : by, commit, event->segment, event->subject);
}

static int print(void *context, const struct reader_event *event)
{
	struct output *output = context;
	int error = 0;

	if (output->json)
		error = print_json(output, event);
	else
		print_row(output, event);
	output->events++;
	if (!output->json && output->events % ROWS_AT_ONCE == 0)
		error = table_write(output->table, stdout);
	return error < 0 ? error : ferror(stdout);
}

static int print_all(struct reader *reader, struct arguments *arguments, const uint32_t *address,
                     const struct mac *mac, struct fault *fault)
{
	static const struct table_column columns[] = {
	        {.title = "TIME"},   {.title = "ADDRESS"}, {.title = "WHAT"},    {.title = "TASK"},
	        {.title = "COMMIT"}, {.title = "SEGMENT"}, {.title = "SUBJECT"},
	};
	static const struct table_column of_one[] = {
	        {.title = "TIME"},   {.title = "WHAT"},    {.title = "TASK"},
	        {.title = "COMMIT"}, {.title = "SEGMENT"}, {.title = "SUBJECT"},
	};
	const struct reader_query query = {.address = address,
	                                   .mac = mac,
	                                   .segment = arguments->segment,
	                                   .limit = arguments->limit};
	struct output output = {.one_address = address, .json = arguments->settings.json};
	int error;

	if (!output.json)
		output.table = address ? table_new(of_one, 6) : table_new(columns, 7);
	error = reader_log(reader, &query, print, &output, fault);
	if (output.json && output.events > 0)
		puts("\n]}");
	else if (error == 0 && output.events == 0)
		puts(output.json ? "{\"events\": []}" : "nothing is recorded");
	else if (!output.json && output.events > 0 && table_write(output.table, stdout) < 0)
		error = fault_set(fault, -ENOMEM, "out of memory: the list is not complete");
	table_free(output.table);
	return error;
}

int command_log(int argc, char **argv)
{
	const struct argp argp = {options, parse, "[ADDRESS|MAC]", doc, settings_history_children,
	                          NULL,    NULL};
	struct arguments arguments = {0};
	struct reader *reader = NULL;
	struct fault fault = {""};
	bool is_address = false, is_mac = false;
	uint32_t address;
	struct mac mac;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	if (arguments.subject) {
		is_address = ipv4_parse(&address, arguments.subject) == 0;
		is_mac = !is_address && mac_parse(&mac, arguments.subject) == 0;
		if (!is_address && !is_mac) {
			log_error("%s is neither an IPv4 address (10.0.3.17) nor a MAC address "
			          "(02:50:2a:16:6d:01)",
			          arguments.subject);
			return EXIT_FAILED;
		}
	}
	status = settings_load(&arguments.settings);
	if (status != EXIT_OK)
		goto out;
	if (source_open(&reader, &arguments.settings, &fault) < 0 ||
	    print_all(reader, &arguments, is_address ? &address : NULL, is_mac ? &mac : NULL,
	              &fault) < 0) {
		log_error("%s", fault.text[0] ? fault.text : "out of memory");
		status = EXIT_FAILED;
	}
out:
	reader_close(reader);
	settings_clear(&arguments.settings);
	return status;
}
