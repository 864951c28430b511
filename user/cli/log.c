/* SPDX-License-Identifier: MIT */
/* `arpkeeper log`: the life of addresses in words. Reads the repository, and needs no agent. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cli/command.h"
#include "cli/logfleet.h"
#include "cli/logtasks.h"
#include "cli/source.h"
#include "cli/table.h"
#include "cli/when.h"
#include "cli/words.h"
#include "client/client.h"
#include "format/format.h"
#include "web/web.h"

#define ROWS_AT_ONCE 64 /* few: the search for them may take long */

static const char doc[] =
        "What happened to an address, to every address that a MAC had or that a prefix has, or to "
        "all: newest first. "
        "Reads the repository; needs no agent and no root.\v"
        "The repository is that of --repo, of the configuration, of the agent that --control "
        "names, the default one, or else the running agent's. A clone is fine. What was pushed and "
        "had no effect is told as that, with the reason. An address or a "
        "MAC is looked up in an index. If there is none, the first search makes it, and keeps it "
        "if the repository is your own.\n"
        "--alerts shows the incidents among the changes: what happened just before an outage.\n"
        "--graph draws the tasks that made the changes, a line for each commit of main, in lanes: "
        "learn, move, expire, operator, push, others. A merge of a branch is marked, and its line "
        "goes down to where the branch began. It is drawn for eyes: programs use --json without "
        "it.\n"
        "--fleet weaves what every node of the fleet said, each by its own clock; --by is a node "
        "then.\n"
        "\n" MOMENT_HELP "\n"
        "Examples:\n"
        "  arpkeeper log --since '2026-11-22 14:00' --until '2026-11-22 14:10' --alerts\n"
        "  arpkeeper log 10.0.3.0/24 --by ann --kind operator\n"
        "  arpkeeper log 10.0.3.17\n"
        "  arpkeeper log 2001:db8:0:7::/64 --since yesterday\n"
        "  arpkeeper log --fleet 10.0.3.17\n"
        "  arpkeeper log --graph --since yesterday --kind push\n"
        "  arpkeeper log 02:50:2a:16:6d:01 -n 20\n"
        "  arpkeeper log --repo /var/lib/arpkeeper/history.git --json\n";

struct arguments {
	struct settings settings;
	const char *segment, *limit, *since, *until, *kind, *by;
	bool alerts, fleet, graph;
};

static int check_limit(const char *text, struct fault *fault)
{
	char *end;

	errno = 0;
	if (strtoul(text, &end, 10) == 0 || errno || *end || *text < '0' || *text > '9')
		return fault_set(fault, -EINVAL, "'%s' is not a limit: give a number from 1", text);
	return 0;
}

static const char *const kinds[] = {"learn",    "move",     "resolve", "expire",
                                    "operator", "external", "recover", "import",
                                    "sync",     "push",     NULL};

static const struct command_option options[] = {
        {"limit", "LIMIT", "Print at most so many (default: all)", STORE(limit),
         .check = check_limit, .letter = 'n'},
        {"segment", "NAME", "Only this segment", STORE(segment), .letter = 's'},
        {"since", "TIME", "Only from TIME on", STORE(since)},
        {"until", "TIME", "Only up to TIME", STORE(until)},
        {"kind", "KIND", "Only changes of this kind: learn, move, ...; push: commits by people",
         STORE(kind), .choices = kinds},
        {"by", "NAME", "Only changes by this author", STORE(by)},
        {"alerts", NULL, "Weave the log of incidents in", STORE(alerts)},
        {"fleet", NULL, "What all nodes of the fleet said, woven by time", STORE(fleet)},
        {"graph", NULL, "The tasks, drawn in lanes", STORE(graph)},
        {0},
};

struct output {
	struct rows rows;
	bool one_address;
	size_t limit;                /* of rows; 0: none */
	struct incidents *incidents; /* NULL: they are not asked for */
	struct incident incident;    /* the next one, */
	bool more;                   /* if there is one */
};

static struct words_side side_of(const struct entry *entry, char mac[MAC_TEXT])
{
	if (!entry)
		return (struct words_side){0};
	return (struct words_side){.mac = mac_format(mac, entry->mac),
	                           .state = entry_state_name(entry->state),
	                           .router = entry->router};
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
	char address[ADDRESS_TEXT], words[WORDS_TEXT], by[128], commit[8];
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
		table_row(output->rows.table, when, address_format(address, event->address), words,
		          *event->task ? event->task : by, commit, event->segment, event->subject);
}

static bool is_full(const struct output *output)
{
	return output->limit && output->rows.count >= output->limit;
}

static int print_incident(struct output *output)
{
	const struct incident *incident = &output->incident;
	struct table *table = output->rows.table;
	char when[WHEN_TEXT], commit[8];
	const char *segment = *incident->segment ? incident->segment : NULL;
	const char *address = *incident->address ? incident->address : NULL;

	if (!table)
		return rows_add(&output->rows, incident_json(incident));
	when_time(when, incident->time);
	snprintf(commit, sizeof(commit), "%.7s", incident->commit);
	if (output->one_address)
		table_row(table, when, incident->subject, "alert", commit, segment, NULL);
	else
		table_row(table, when, address, incident->subject, "alert", commit, segment, NULL);
	return rows_add(&output->rows, NULL);
}

/* Those from this time on: they come before what happened then. */
static int print_incidents(struct output *output, int64_t from)
{
	int error = 0;

	while (!error && output->more && output->incident.time >= from && !is_full(output)) {
		error = print_incident(output);
		output->more = incidents_next(output->incidents, &output->incident) > 0;
	}
	return error;
}

static int print(void *context, const struct reader_event *event)
{
	struct output *output = context;
	int error = print_incidents(output, event->time);

	if (error || is_full(output))
		return error ? error : 1;
	if (output->rows.table)
		print_row(output, event);
	error = rows_add(&output->rows, output->rows.table ? NULL : event_json(event));
	return error ? error : is_full(output);
}

static int print_all(struct reader *reader, const struct reader_query *query,
                     const struct arguments *arguments, struct fault *fault)
{
	const char *limit = arguments->limit;
	struct output output = {
	        .rows = {.titles = query->address
	                                   ? "TIME|~WHAT|TASK|COMMIT|SEGMENT|~SUBJECT"
	                                   : "TIME|ADDRESS|~WHAT|TASK|COMMIT|SEGMENT|~SUBJECT",
	                 .opening = "{\"events\": [",
	                 .at_once = ROWS_AT_ONCE},
	        .one_address = query->address,
	        .limit = limit ? strtoul(limit, NULL, 10) : 0};
	int error = rows_begin(&output.rows, arguments->settings.json);

	if (error == 0 && arguments->alerts) {
		error = incidents_open(&output.incidents, reader, query, fault);
		output.more = !error && incidents_next(output.incidents, &output.incident) > 0;
	}
	if (error == 0)
		error = reader_log(reader, query, print, &output, fault);
	if (error == 0)
		error = print_incidents(&output, INT64_MIN);
	incidents_close(output.incidents);
	return rows_end(&output.rows, error, "nothing is recorded", "", fault);
}

/* What the argument is about: an address, a MAC, a prefix. */
static int read_subject(struct reader_query *query, const char *subject, struct address *address,
                        struct mac *mac, struct prefix *prefix, struct fault *fault)
{
	if (!subject)
		return 0;
	if (address_parse(address, subject) == 0)
		query->address = address;
	else if (mac_read(mac, subject) == 0)
		query->mac = mac;
	else if (strchr(subject, '/') && prefix_parse(prefix, subject, fault) == 0)
		query->prefix = prefix;
	else if (strchr(subject, '/') || address_explain(subject, fault) < 0)
		return RUN_USAGE;
	else
		return fault_set(fault, RUN_USAGE,
		                 "%s is neither an address (10.0.3.17, 2001:db8::17), nor a prefix "
		                 "(10.0.3.0/24, 2001:db8::/64), nor a MAC address "
		                 "(02:50:2a:16:6d:01)",
		                 subject);
	return 0;
}

static void check(const void *given, const struct argp_state *state)
{
	const struct arguments *arguments = given;

	if (arguments->fleet && (arguments->kind || arguments->alerts))
		argp_error(state,
		           "--kind and --alerts are of this node's history: not with --fleet");
	if (arguments->graph && (arguments->settings.argument[0] || arguments->segment ||
	                         arguments->alerts || arguments->fleet))
		argp_error(state, "--graph goes with --since, --until, -n, --kind and --by only");
	if (arguments->graph && arguments->settings.json)
		argp_error(state, "--graph is drawn for eyes: --json has the changes without it");
}

static int print_tasks(struct reader *reader, const struct reader_query *query, struct fault *fault)
{
	const struct reader_tasks_query tasks = {.since = query->since,
	                                         .until = query->until,
	                                         .kind = query->kind,
	                                         .by = query->by,
	                                         .limit = query->limit};

	return logtasks_print(reader, &tasks, fault);
}

static int run(void *given, struct fault *fault)
{
	const struct arguments *arguments = given;
	struct reader_query query = {
	        .segment = arguments->segment, .kind = arguments->kind, .by = arguments->by};
	struct reader *reader = NULL;
	struct prefix prefix;
	struct address address;
	struct mac mac;
	int error = read_subject(&query, arguments->settings.argument[0], &address, &mac, &prefix,
	                         fault);

	if (error == 0 && arguments->since)
		error = moment_parse(&query.since, arguments->since, fault);
	if (error == 0 && arguments->until)
		error = moment_parse(&query.until, arguments->until, fault);
	if (error == -EINVAL)
		return RUN_USAGE;
	if (error == 0)
		error = source_open(&reader, &arguments->settings, fault);
	if ((arguments->fleet || arguments->graph) && arguments->limit)
		query.limit = strtoul(arguments->limit, NULL, 10);
	if (error == 0 && arguments->graph)
		error = print_tasks(reader, &query, fault);
	else if (error == 0)
		error = arguments->fleet
		                ? logfleet_print(reader, &query, arguments->settings.json, fault)
		                : print_all(reader, &query, arguments, fault);
	reader_close(reader);
	return error;
}

const struct command_spec command_log = {
        .size = sizeof(struct arguments),
        .arguments = "[ADDRESS|MAC|PREFIX]",
        .doc = doc,
        .options = options,
        .check = check,
        .run = run,
};
