/* SPDX-License-Identifier: MIT */
/* `arpkeeper stats`: the data path's counters, alerts by kind, and the state of history; for
 * people, programs, or Prometheus. */
#include <string.h>
#include <time.h>

#include "arpkeeper/counters.h"
#include "cli/ask.h"
#include "cli/command.h"
#include "cli/leftover.h"
#include "cli/nodes.h"
#include "cli/source.h"
#include "cli/table.h"
#include "client/client.h"

static const char doc[] =
        "Counters of the data path: each ARP frame adds one to arp_frames and one to exactly one "
        "verdict (answered, pass_..., drop_...), each frame of IPv6's neighbour discovery to "
        "nd_frames and nd_.... Then alerts by kind since the agent started: "
        "all of them, and how many of these were only counted, not reported one by one. For "
        "Prometheus, also the state of history. Without an agent: the counters of the pinned maps; "
        "then the status is 1.\v"
        "Examples:\n"
        "  arpkeeper stats\n"
        "  arpkeeper stats --prometheus > /var/lib/node_exporter/arpkeeper.prom\n";

static const struct {
	const char *name, *help;
} known[COUNTERS] = {
#define ENTRY(id, counter, description) [COUNTER_##id] = {counter, description},
        ARPKEEPER_COUNTERS(ENTRY)
#undef ENTRY
};

static void print_counters(const json_t *counters)
{
	struct table *table = table_new("COUNTER|>FRAMES|~WHAT IT COUNTS");

	for (unsigned i = 0; i < COUNTERS; i++) {
		const char *name = known[i].name;
		char number[JSON_NUMBER];

		table_row(table, name,
		          json_object_get(counters, name) ? json_number_text(number, counters, name)
		                                          : NULL,
		          known[i].help);
	}
	table_write(table, stdout);
	table_free(table);
}

static void print_alerts(const json_t *alerts)
{
	struct table *table = table_new("ALERT|>COUNT|>HELD BACK");
	size_t index;
	json_t *alert;

	json_array_foreach ((json_t *)alerts, index, alert) {
		char count[JSON_NUMBER], back[JSON_NUMBER];

		table_row(table, json_text(alert, "kind"), json_number_text(count, alert, "raised"),
		          json_number_text(back, alert, "held_back"));
	}
	putchar('\n');
	table_write(table, stdout);
	table_free(table);
}

static void print_command(const json_t *command)
{
	struct table *table = table_new("ALERT COMMAND|>PASSED|>FAILED|>DROPPED");
	char passed[JSON_NUMBER], failed[JSON_NUMBER], dropped[JSON_NUMBER];

	table_row(table, json_text(command, "command"), json_number_text(passed, command, "passed"),
	          json_number_text(failed, command, "failed"),
	          json_number_text(dropped, command, "dropped"));
	putchar('\n');
	table_write(table, stdout);
	table_free(table);
}

static void print(const json_t *response)
{
	print_counters(json_object_get(response, "counters"));
	if (json_object_get(response, "alerts"))
		print_alerts(json_object_get(response, "alerts"));
	if (json_is_object(json_object_get(response, "alert_command")))
		print_command(json_object_get(response, "alert_command"));
}

struct arguments {
	struct settings settings;
	const char *instance, *netns;
	bool prometheus;
};

static const struct command_option options[] = {
        {"prometheus", NULL, "Print in Prometheus' text format", STORE(prometheus)},
        {"instance", "NAME", "Without an agent: look for this instance (default: \"default\")",
         STORE(instance), .check = config_check_instance},
        {"netns", "NAME", "Without an agent: look in this network namespace", STORE(netns)},
        {0},
};

static void check(const void *given, const struct argp_state *state)
{
	const struct arguments *arguments = given;

	if (arguments->prometheus && arguments->settings.json)
		argp_error(state, "give --prometheus or --json, not both");
}

/* Of a fleet, for programs: its nodes, if the caller may read the repository. */
static void add_nodes(json_t *stats, const struct settings *settings)
{
	struct reader *reader = NULL;
	struct fault fault = {""};

	if (json_is_object(json_object_get(stats, "fleet")))
		(void)source_open(&reader, settings, &fault);
	nodes_set(stats, reader, &fault);
	reader_close(reader);
}

static int run(void *given, struct fault *fault)
{
	const struct arguments *arguments = given;
	const struct leftover leftover = {&arguments->settings, arguments->instance,
	                                  arguments->netns};
	void (*write)(const json_t *response) = arguments->prometheus ? prometheus_print : print;
	json_t *counters = NULL;
	int error =
	        ask(&counters, &arguments->settings, json_pack("{s:s}", "command", "stats"), fault);

	if (!error && (arguments->prometheus || arguments->settings.json))
		add_nodes(counters, &arguments->settings);
	else if (client_is_absent(error))
		counters = leftover_counters(&leftover, fault);
	if (counters && arguments->settings.json)
		json_print_response(counters);
	else if (counters)
		write(counters);
	json_decref(counters);
	return error;
}

const struct command_spec command_stats = {
        .size = sizeof(struct arguments),
        .doc = doc,
        .options = options,
        .check = check,
        .run = run,
};
