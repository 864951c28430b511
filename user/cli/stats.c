/* SPDX-License-Identifier: MIT */
/* `arpkeeper stats`: the data path's counters, and how history fares; for people, programs, or
 * Prometheus. */
#include <stdio.h>
#include <string.h>

#include "arpkeeper/counters.h"
#include "cli/command.h"
#include "cli/settings.h"
#include "cli/table.h"

static const char doc[] =
        "Counters of the data path: each ARP frame adds one to arp_frames and one to exactly one "
        "verdict (answered, pass_..., drop_...). For Prometheus, how history fares, too.\v"
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

static void print_prometheus(const json_t *counters, const json_t *history)
{
	for (unsigned i = 0; i < COUNTERS; i++) {
		char name[80];

		snprintf(name, sizeof(name), "arpkeeper_%s_total", known[i].name);
		print_metric(name, known[i].help, "counter",
		             json_object_get(counters, known[i].name));
	}
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

int command_stats(int argc, char **argv)
{
	const struct argp argp = {options, parse, NULL, doc, settings_agent_children, NULL, NULL};
	struct arguments arguments = {0};
	struct settings *settings = &arguments.settings;
	json_t *response = NULL, *counters;
	int status;

	argp_parse(&argp, argc, argv, 0, NULL, &arguments);
	status = settings_load(settings);
	if (status == EXIT_OK)
		status = settings_ask(&response, settings, json_pack("{s:s}", "command", "stats"));
	if (status == EXIT_OK) {
		counters = json_object_get(response, "counters");
		if (settings->json)
			settings_print(response);
		else if (arguments.prometheus)
			print_prometheus(counters, json_object_get(response, "history"));
		else
			print(counters);
	}
	json_decref(response);
	settings_clear(settings);
	return status;
}
