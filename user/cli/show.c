/* SPDX-License-Identifier: MIT */
/* `arpkeeper show`: the table as it is now. */
#include <errno.h>
#include <string.h>
#include <time.h>

#include "cli/ask.h"
#include "cli/claims.h"
#include "cli/command.h"
#include "cli/sorted.h"
#include "cli/table.h"
#include "cli/when.h"
#include "client/client.h"
#include "reader/reader.h"

#define ROWS_AT_ONCE 1024
#define STATE_TEXT   32

static const char doc[] =
        "The table: every address about which something is known, or those of a prefix, of a "
        "range, or at a MAC.\v"
        "STATE is dynamic, static, local, stale, pending or dead. A learned\n"
        "address that moved too often is frozen until it is set or unset, or its\n"
        "time is over.\n"
        "\n"
        "With --claims, what each node of the fleet says of the addresses, marks among it: which "
        "claim wins, and by which rule (docs/fleet.md). That is read from the repository.\n"
        "\n"
        "Examples:\n"
        "  arpkeeper show\n"
        "  arpkeeper show 10.0.3.17 --claims\n"
        "  arpkeeper show 10.0.3.17\n"
        "  arpkeeper show 10.0.3.4-10.0.3.9\n"
        "  arpkeeper show 2001:db8:0:7::/64\n"
        "  arpkeeper show 02:50:2a:16:6d:01\n"
        "  arpkeeper show 10.0.3.0/24 --state static --json\n";

struct arguments {
	struct settings settings;
	const char *state, *segment, *sort;
	bool all, claims;
};

static const char *const keys[] = {"address", "mac",     "state",  "since",
                                   "seen",    "segment", "origin", NULL};

static const char *const states[] = {"dynamic", "static", "local", "stale",
                                     "pending", "dead",   NULL};

static const struct command_option options[] = {
        {"state", "STATE", "Only addresses in this state", STORE(state), .choices = states,
         .letter = 's'},
        {"segment", "NAME", "Only this segment", STORE(segment)},
        {"sort", "KEY", "By address, mac, state, since, seen, segment or origin", STORE(sort),
         .choices = keys},
        {"all", NULL,
         "Also entries of history that no configured segment or prefix has, which are not in the "
         "table",
         STORE(all), .letter = 'a'},
        {"claims", NULL, "What each node of the fleet says, and what of it counts", STORE(claims)},
        {0},
};

static void print_row(struct table *table, const json_t *entry, int64_t now)
{
	char since[WHEN_TEXT], seen[WHEN_TEXT], state[STATE_TEXT];

	const char *beside = "";

	if (json_is_true(json_object_get(entry, "frozen")))
		beside = ", frozen";
	else if (json_is_true(json_object_get(entry, "foreign")))
		beside = ", foreign";
	else if (json_is_true(json_object_get(entry, "outside")))
		beside = ", outside";
	snprintf(state, sizeof(state), "%s%s%s", json_text(entry, "state"),
	         json_text(entry, "role") ? ", router" : "", beside);
	table_row(table, json_text(entry, "address"), json_text(entry, "mac"), state,
	          when_since(since, json_object_get(entry, "since"), now),
	          when_since(seen, json_object_get(entry, "seen"), now),
	          json_text(entry, "segment"), json_text(entry, "origin"),
	          json_text(entry, "note"));
}

/* Where entries go: to standard output, or aside first, to be sorted. */
struct output {
	struct rows rows;
	struct sorted sorted; /* what was put aside */
	bool sort;            /* all of it */
	int64_t now;
	struct fault *fault;
};

static int write_row(struct output *output, json_t *entry)
{
	struct rows *rows = &output->rows;

	if (rows->table)
		print_row(rows->table, entry, output->now);
	return rows_add(rows, rows->table ? NULL : json_incref(entry));
}

/* Rows of IPv6 come in the order of their slots, which says nothing: as many as can be held are put
 * aside, and follow by address. */
static bool goes_aside(const struct output *output, const json_t *entry)
{
	const char *address = json_text(entry, "address");

	return output->sort ||
	       (address && strchr(address, ':') && output->sorted.rows < SORTED_MAX);
}

static int put(struct output *output, json_t *entry)
{
	return goes_aside(output, entry) ? sorted_add(&output->sorted, entry, output->fault)
	                                 : write_row(output, entry);
}

static int write_sorted(struct output *output)
{
	int stop = 0;

	sorted_sort(&output->sorted);
	for (size_t i = 0; i < output->sorted.rows && !stop; i++)
		stop = write_row(output, output->sorted.row[i]);
	return stop;
}

/* `segment`: only its entries; NULL: all. 0, a negative errno, or 1 when standard output cannot be
 * written. */
static int print(struct output *output, const json_t *entries, const char *segment)
{
	json_t *entry;
	size_t index;
	int stop = 0;

	json_array_foreach ((json_t *)entries, index, entry) {
		if (segment && strcmp(segment, json_text(entry, "segment")) != 0)
			continue;
		stop = put(output, entry);
		if (stop)
			break;
	}
	return stop;
}

/* What is asked for. */
struct wanted {
	struct range range;
	const struct mac *mac; /* NULL: any */
	const char *state, *segment;
};

/* What history has, and the table has not. */
struct beyond {
	struct output *output;
	const struct wanted *wanted;
};

static bool is_wanted(const struct wanted *wanted, const struct reader_entry *found)
{
	return found->entry && range_contains(wanted->range, found->address) &&
	       (!wanted->mac || mac_equal(*wanted->mac, found->entry->mac)) &&
	       (!wanted->segment || strcmp(wanted->segment, found->segment) == 0) &&
	       (!wanted->state ||
	        strcmp(wanted->state, entry_state_name(found->entry->state)) == 0);
}

static int add_beyond(void *context, const struct reader_entry *found)
{
	const struct beyond *beyond = context;
	json_t *entry;
	int stop;

	if (!is_wanted(beyond->wanted, found))
		return 0;
	entry = json_entry_row(found->segment, found->address, found->entry);
	if (!entry)
		return -ENOMEM;
	json_object_set_new(entry, "outside", json_true());
	stop = put(beyond->output, entry);
	json_decref(entry);
	return stop;
}

/* From the agent's repository, which is read here. */
static int show_beyond(struct output *output, const struct settings *settings,
                       const struct wanted *wanted, struct fault *fault)
{
	struct beyond beyond = {output, wanted};
	struct reader *reader = NULL;
	json_t *status;
	int error = ask(&status, settings, json_pack("{s:s}", "command", "status"), fault);

	if (error)
		return error;
	error = reader_open(&reader, json_text(json_object_get(status, "repository"), "path"),
	                    fault);
	if (!error)
		error = reader_outside(reader, true, add_beyond, &beyond, fault);
	reader_close(reader);
	json_decref(status);
	return error;
}

/* Line by line, as the agent sends it: the table may be large. */
static int show(struct output *output, FILE *agent, const char *segment, struct fault *fault)
{
	bool end = false;
	int stop = 0;

	while (!stop && !end) {
		json_t *answer = client_next(agent, fault);

		end = json_is_true(json_object_get(answer, "end"));
		if (answer)
			stop = print(output, json_object_get(answer, "entries"), segment);
		else if (fault->text[0])
			stop = -EPIPE;
		else
			stop = fault_set(fault, -EPIPE,
			                 "the agent ended before it sent the whole table");
		json_decref(answer);
	}
	return stop;
}

static void check(const void *given, const struct argp_state *state)
{
	const struct arguments *arguments = given;

	if (arguments->claims && (arguments->state || arguments->sort || arguments->all))
		argp_error(state, "--claims goes with an address and --segment only");
	if (!arguments->claims && arguments->settings.repository)
		argp_error(state, "the table is the agent's: --repo goes with --claims");
}

static int run(void *given, struct fault *fault)
{
	const struct arguments *arguments = given;
	const struct settings *settings = &arguments->settings;
	const char *subject = settings->argument[0];
	struct output output = {
	        .rows = {.titles = "ADDRESS|MAC|*STATE|SINCE|SEEN|SEGMENT|~ORIGIN|~NOTE",
	                 .opening = "{\"entries\": [",
	                 .spaced = true,
	                 .at_once = ROWS_AT_ONCE},
	        .sorted = {.key = arguments->sort ? arguments->sort : "address"},
	        .sort = arguments->sort,
	        .now = time(NULL),
	        .fault = fault};
	char text[MAC_TEXT];
	struct range range = range_anywhere;
	struct mac mac;
	bool at_mac = subject && mac_read(&mac, subject) == 0;
	json_t *response;
	FILE *agent;
	int error;

	if (subject && !at_mac && range_parse(&range, subject, fault) < 0)
		return RUN_USAGE;
	if (arguments->claims)
		return claims_show(settings, subject && !at_mac ? &range : NULL,
		                   at_mac ? &mac : NULL, arguments->segment, fault);
	error = client_ask(&agent, &response, settings->control,
	                   json_pack("{s:s, s:b, s:s?, s:s?, s:s?, s:s?}", "command", "show",
	                             "stream", 1, "prefix", at_mac ? NULL : subject, "mac",
	                             at_mac ? mac_format(text, mac) : NULL, "state",
	                             arguments->state, "segment",
	                             arguments->all ? NULL : arguments->segment),
	                   fault);
	if (error < 0)
		return error;
	json_decref(response);
	error = rows_begin(&output.rows, settings->json);
	if (error == 0)
		error = show(&output, agent, arguments->all ? arguments->segment : NULL, fault);
	client_close(agent);
	if (error == 0 && arguments->all) {
		const struct wanted wanted = {range, at_mac ? &mac : NULL, arguments->state,
		                              arguments->segment};

		error = show_beyond(&output, settings, &wanted, fault);
	}
	if (error == 0)
		error = write_sorted(&output);
	error = rows_end(&output.rows, error, "nothing is known", "", fault);
	sorted_clear(&output.sorted);
	return error;
}

const struct command_spec command_show = {
        .size = sizeof(struct arguments),
        .arguments = "[ADDRESS|PREFIX|RANGE|MAC]",
        .doc = doc,
        .options = options,
        .check = check,
        .run = run,
};
