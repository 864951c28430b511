/* SPDX-License-Identifier: MIT */
/* `arpkeeper stats`: the data path's counters, alerts by kind, and the state of history; for
 * people, programs, or Prometheus. */
#include <string.h>

#include "arpkeeper/counters.h"
#include "cli/client.h"
#include "cli/command.h"
#include "cli/json.h"
#include "cli/leftover.h"
#include "cli/table.h"

static const char doc[] =
        "Counters of the data path: each ARP frame adds one to arp_frames and one to exactly one "
        "verdict (answered, pass_..., drop_...). Then alerts by kind since the agent started: "
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

/* What `status` says about history in words. */
static const struct {
	const char *name, *type, *metric, *help;
} history_metric[] = {
        {"trouble", "gauge", "arpkeeper_history_trouble",
         "1 while history cannot be written; `arpkeeper status` says why"},
        {"queued", "gauge", "arpkeeper_history_queued", "Changes that are not durable yet"},
        {"dropped", "counter", "arpkeeper_history_dropped_total",
         "Transitions not recorded, because the backlog was full; final states always are"},
        {"commits", "counter", "arpkeeper_history_commits_total",
         "Commits made since the agent started"},
        {"alerts_waiting", "gauge", "arpkeeper_history_alerts_waiting",
         "Alerts that are not durable yet"},
        {"alerts_dropped", "counter", "arpkeeper_history_alerts_dropped_total",
         "Alerts not recorded, because the backlog was full"},
};

static void print_metric(const char *name, const char *help, const char *type, const json_t *value)
{
	if (json_is_integer(value) || json_is_boolean(value))
		printf("# HELP %s %s.\n# TYPE %s %s\n%s %" JSON_INTEGER_FORMAT "\n", name, help,
		       name, type, name, json_is_true(value) ? 1 : json_integer_value(value));
}

/* `key`: which of an alert's numbers. */
static void print_by_kind(const char *name, const char *help, const json_t *alerts, const char *key)
{
	size_t index;
	json_t *alert;

	if (json_array_size(alerts) == 0)
		return;
	printf("# HELP %s %s.\n# TYPE %s counter\n", name, help, name);
	json_array_foreach ((json_t *)alerts, index, alert)
		printf("%s{kind=\"%s\"} %" JSON_INTEGER_FORMAT "\n", name, json_text(alert, "kind"),
		       json_number(alert, key));
}

static void print_prometheus(const json_t *response)
{
	const json_t *counters = json_object_get(response, "counters");
	const json_t *alerts = json_object_get(response, "alerts");
	const json_t *history = json_object_get(response, "history");

	for (unsigned i = 0; i < COUNTERS; i++) {
		char name[80];

		snprintf(name, sizeof(name), "arpkeeper_%s_total", known[i].name);
		print_metric(name, known[i].help, "counter",
		             json_object_get(counters, known[i].name));
	}
	print_by_kind("arpkeeper_alerts_total", "Alerts since the agent started, reported or not",
	              alerts, "raised");
	print_by_kind("arpkeeper_alerts_held_back_total",
	              "Alerts that were not reported one by one, because there were too many",
	              alerts, "held_back");
	for (size_t i = 0; i < sizeof(history_metric) / sizeof(history_metric[0]); i++)
		print_metric(history_metric[i].metric, history_metric[i].help,
		             history_metric[i].type,
		             json_object_get(history, history_metric[i].name));
}

static void print_counters(const json_t *counters)
{
	struct table *table = table_new("COUNTER|>FRAMES|WHAT IT COUNTS");

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

static void print(const json_t *response)
{
	print_counters(json_object_get(response, "counters"));
	if (json_object_get(response, "alerts"))
		print_alerts(json_object_get(response, "alerts"));
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

static int run(void *given, struct fault *fault)
{
	const struct arguments *arguments = given;
	const struct leftover leftover = {&arguments->settings, arguments->instance,
	                                  arguments->netns};
	void (*write)(const json_t *response) = arguments->prometheus ? print_prometheus : print;
	int error = ask_and_print(&arguments->settings, json_pack("{s:s}", "command", "stats"),
	                          write, fault);
	json_t *counters = client_is_absent(error) ? leftover_counters(&leftover, fault) : NULL;

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
