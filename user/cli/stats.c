/* SPDX-License-Identifier: MIT */
/* `arpkeeper stats`: the data path's counters, alerts by kind, and how history fares; for people,
 * programs, or Prometheus. */
#include <stdio.h>
#include <string.h>

#include "arpkeeper/counters.h"
#include "cli/command.h"
#include "cli/settings.h"
#include "cli/table.h"

static const char doc[] =
        "Counters of the data path: each ARP frame adds one to arp_frames and one to exactly one "
        "verdict (answered, pass_..., drop_...). Then alerts, by kind, since the agent started: "
        "all of them, and how many of these were not told one by one. For Prometheus, how history "
        "fares, too.\v"
        "Examples:\n"
        "  arpkeeper stats\n"
        "  arpkeeper stats --prometheus > /var/lib/node_exporter/arpkeeper.prom\n";

enum { OPTION_PROMETHEUS = 0x2000 };

static const struct argp_option options[] = {
        {"prometheus", OPTION_PROMETHEUS, NULL, 0, "Print in Prometheus' text format", 0},
        {0},
};

static const struct {
	const char *name, *help;
} known[COUNTERS] = {
#define ENTRY(id, counter, description) [COUNTER_##id] = {counter, description},
        ARPKEEPER_COUNTERS(ENTRY)
#undef ENTRY
};

/* What `status` says of history in words. */
static const struct {
	const char *name, *type, *metric, *help;
} history_metric[] = {
        {"trouble", "gauge", "arpkeeper_history_trouble",
         "1 while history cannot be written; `arpkeeper status` says why"},
        {"queued", "gauge", "arpkeeper_history_queued", "Changes that are not durable yet"},
        {"dropped", "counter", "arpkeeper_history_dropped_total",
         "Transitions not recorded, because too many waited; final states always are"},
        {"commits", "counter", "arpkeeper_history_commits_total",
         "Commits made since the agent started"},
        {"alerts_waiting", "gauge", "arpkeeper_history_alerts_waiting",
         "Alerts that are not durable yet"},
        {"alerts_dropped", "counter", "arpkeeper_history_alerts_dropped_total",
         "Alerts not recorded, because too many waited"},
};

struct arguments {
	struct settings settings;
	bool prometheus;
};

static error_t parse(int key, char *argument, struct argp_state *state)
{
	struct arguments *arguments = state->input;

	(void)argument;
	switch (key) {
	case ARGP_KEY_INIT:
		settings_init(state, settings_agent_children, &arguments->settings);
		return 0;
	case OPTION_PROMETHEUS:
		arguments->prometheus = true;
		return 0;
	case ARGP_KEY_END:
		if (arguments->prometheus && arguments->settings.json)
			argp_error(state, "either --prometheus or --json");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static void print_metric(const char *name, const char *help, const char *type, const json_t *value)
{
	if (json_is_integer(value))
		printf("# HELP %s %s.\n# TYPE %s %s\n%s %" JSON_INTEGER_FORMAT "\n", name, help,
		       name, type, name, json_integer_value(value));
}

static void print_by_kind(const char *name, const char *help, const json_t *kinds)
{
	const char *kind;
	json_t *value;

	if (json_object_size(kinds) == 0)
		return;
	printf("# HELP %s %s.\n# TYPE %s counter\n", name, help, name);
	json_object_foreach ((json_t *)kinds, kind, value)
		printf("%s{kind=\"%s\"} %" JSON_INTEGER_FORMAT "\n", name, kind,
		       json_integer_value(value));
}

static void print_prometheus(const json_t *counters, const json_t *alerts, const json_t *history)
{
	for (unsigned i = 0; i < COUNTERS; i++) {
		char name[80];

		snprintf(name, sizeof(name), "arpkeeper_%s_total", known[i].name);
		print_metric(name, known[i].help, "counter",
		             json_object_get(counters, known[i].name));
	}
	print_by_kind("arpkeeper_alerts_total", "Alerts since the agent started, told or not",
	              json_object_get(alerts, "raised"));
	print_by_kind("arpkeeper_alerts_held_back_total",
	              "Alerts that were not told one by one, because there were too many",
	              json_object_get(alerts, "held_back"));
	for (size_t i = 0; i < sizeof(history_metric) / sizeof(history_metric[0]); i++)
		print_metric(history_metric[i].metric, history_metric[i].help,
		             history_metric[i].type,
		             json_object_get(history, history_metric[i].name));
}

static void print(const json_t *counters)
{
	static const struct table_column columns[] = {
	        {.title = "COUNTER"},
	        {.title = "FRAMES", .right = true},
	        {.title = "WHAT IT COUNTS"},
	};
	struct table *table = table_new(columns, 3);

	for (unsigned i = 0; i < COUNTERS; i++) {
		const json_t *value = json_object_get(counters, known[i].name);
		char number[24];

		snprintf(number, sizeof(number), "%" JSON_INTEGER_FORMAT,
		         json_integer_value(value));
		table_row(table, known[i].name, json_is_integer(value) ? number : NULL,
		          known[i].help);
	}
	table_write(table, stdout);
	table_free(table);
}

static void print_alerts(const json_t *alerts)
{
	static const struct table_column columns[] = {
	        {.title = "ALERT"},
	        {.title = "COUNT", .right = true},
	        {.title = "HELD BACK", .right = true},
	};
	const json_t *held = json_object_get(alerts, "held_back");
	struct table *table;
	const char *kind;
	json_t *value;

	if (!alerts)
		return;
	table = table_new(columns, 3);
	json_object_foreach (json_object_get(alerts, "raised"), kind, value) {
		char count[24], back[24];

		snprintf(count, sizeof(count), "%" JSON_INTEGER_FORMAT, json_integer_value(value));
		snprintf(back, sizeof(back), "%" JSON_INTEGER_FORMAT,
		         json_integer_value(json_object_get(held, kind)));
		table_row(table, kind, count, back);
	}
	putchar('\n');
	table_write(table, stdout);
	table_free(table);
}

int command_stats(int argc, char **argv)
{
	const struct argp argp = {options, parse, NULL, doc, settings_agent_children, NULL, NULL};
	struct arguments arguments = {0};
	struct settings *settings = &arguments.settings;
	json_t *response = NULL, *counters, *alerts;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	status = settings_load(settings);
	if (status == EXIT_OK)
		status = settings_ask(&response, settings, json_pack("{s:s}", "command", "stats"));
	if (status == EXIT_OK) {
		counters = json_object_get(response, "counters");
		alerts = json_object_get(response, "alerts");
		if (settings->json) {
			settings_print(response);
		} else if (arguments.prometheus) {
			print_prometheus(counters, alerts, json_object_get(response, "history"));
		} else {
			print(counters);
			print_alerts(alerts);
		}
	}
	json_decref(response);
	settings_clear(settings);
	return status;
}
