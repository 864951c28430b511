// SPDX-License-Identifier: MIT
/*
 * Writes metrics, as Prometheus' documentation on exposition formats and on naming has it. A
 * metric's samples stand together, behind its help and type.
 */
#include "client/prometheus.h"

#include <stdio.h>
#include <string.h>

#include "arpkeeper/counters.h"
#include "client/json.h"
#include "entry/entry.h"

static const struct {
	const char *name, *help;
} counter[COUNTERS] = {
#define ENTRY(id, name, description) [COUNTER_##id] = {name, description},
        ARPKEEPER_COUNTERS(ENTRY)
#undef ENTRY
};

/* What `status` says about history in words. */
static const struct {
	const char *name, *type, *metric, *help;
} history_metric[] = {
        {"trouble", "gauge", "arpkeeper_history_trouble",
         "1 while history cannot be written; `arpkeeper status` says why"},
        {"behind_seconds", "gauge", "arpkeeper_history_behind_seconds",
         "For how long the oldest change that is not durable yet has waited"},
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

/* Where it goes. OpenMetrics names a counter's family without the "_total" of its samples. */
struct sink {
	FILE *out;
	bool open_metrics;
};

static void head(const struct sink *sink, const char *name, const char *type, const char *help)
{
	size_t length = strlen(name);

	if (sink->open_metrics && !strcmp(type, "counter"))
		length -= strlen("_total");
	fprintf(sink->out, "# HELP %.*s %s.\n# TYPE %.*s %s\n", (int)length, name, help,
	        (int)length, name, type);
}

static void value_print(const struct sink *sink, const json_t *value)
{
	if (json_is_real(value))
		fprintf(sink->out, " %.9g\n", json_real_value(value));
	else
		fprintf(sink->out, " %" JSON_INTEGER_FORMAT "\n",
		        json_is_true(value) ? 1 : json_integer_value(value));
}

static void single(const struct sink *sink, const char *name, const char *type, const char *help,
                   const json_t *value)
{
	if (!json_is_number(value) && !json_is_boolean(value))
		return;
	head(sink, name, type, help);
	fputs(name, sink->out);
	value_print(sink, value);
}

/* `key`: which of an alert's numbers. */
static void alerts_print(const struct sink *sink, const char *name, const char *help,
                         const json_t *alerts, const char *key)
{
	size_t index;
	json_t *alert;

	if (json_array_size(alerts) == 0)
		return;
	head(sink, name, "counter", help);
	json_array_foreach ((json_t *)alerts, index, alert) {
		fprintf(sink->out, "%s{kind=\"%s\"}", name, json_text(alert, "kind"));
		value_print(sink, json_object_get(alert, key));
	}
}

/* `key`: an object of each segment, by the values of the label. */
static void segments_print(const struct sink *sink, const char *name, const char *type,
                           const char *help, const json_t *segments, const char *key,
                           const char *label)
{
	const char *word;
	json_t *segment, *number;
	size_t index;

	if (json_array_size(segments) == 0)
		return;
	head(sink, name, type, help);
	json_array_foreach ((json_t *)segments, index, segment)
		json_object_foreach (json_object_get(segment, key), word, number) {
			fprintf(sink->out, "%s{segment=\"%s\",%s=\"%s\"}", name,
			        json_text(segment, "segment"), label, word);
			value_print(sink, number);
		}
}

/* One sample a port, so that the state and mode of each can be seen, and counted. */
static void ports_print(const struct sink *sink, const json_t *ports)
{
	size_t index;
	json_t *port;

	if (json_array_size(ports) == 0)
		return;
	head(sink, "arpkeeper_port_info", "gauge", "1 for each interface, with its state and mode");
	json_array_foreach ((json_t *)ports, index, port) {
		const char *mode = json_text(port, "mode");

		fprintf(sink->out,
		        "arpkeeper_port_info{interface=\"%s\",state=\"%s\",mode=\"%s\"} 1\n",
		        json_text(port, "interface"), json_text(port, "state"),
		        mode ? mode : "none");
	}
}

static void histogram_print(const struct sink *sink, const char *name, const char *help,
                            const json_t *histogram)
{
	json_t *bucket;
	size_t index;

	if (!json_is_object(histogram))
		return;
	head(sink, name, "histogram", help);
	json_array_foreach (json_object_get(histogram, "buckets"), index, bucket)
		fprintf(sink->out, "%s_bucket{le=\"%g\"} %" JSON_INTEGER_FORMAT "\n", name,
		        json_real_value(json_object_get(bucket, "at_most_seconds")),
		        json_number(bucket, "count"));
	fprintf(sink->out, "%s_bucket{le=\"+Inf\"} %" JSON_INTEGER_FORMAT "\n", name,
	        json_number(histogram, "count"));
	fprintf(sink->out, "%s_sum", name);
	value_print(sink, json_object_get(histogram, "sum_seconds"));
	fprintf(sink->out, "%s_count %" JSON_INTEGER_FORMAT "\n", name,
	        json_number(histogram, "count"));
}

/* Only if agent.alert-command is set. */
static void command_print(const struct sink *sink, const json_t *command)
{
	static const char *const results[] = {"passed", "failed", "dropped"};
	const char *name = "arpkeeper_alert_command_total";

	if (!json_is_object(command))
		return;
	head(sink, name, "counter", "Alerts for agent.alert-command, by what became of them");
	for (size_t i = 0; i < sizeof(results) / sizeof(results[0]); i++) {
		fprintf(sink->out, "%s{result=\"%s\"}", name, results[i]);
		value_print(sink, json_object_get(command, results[i]));
	}
}

/* Of the fleet's remotes, if there are any. */
static const struct {
	const char *name, *type, *metric, *help;
} remote_metric[] = {
        {"exchanges", "counter", "arpkeeper_remote_exchanges_total",
         "Exchanges with a remote, by remote"},
        {"failures", "counter", "arpkeeper_remote_failures_total",
         "Exchanges with a remote that failed"},
        {"fetched", "counter", "arpkeeper_remote_branches_fetched_total",
         "Branches fetched from a remote"},
        {"pushed", "counter", "arpkeeper_remote_branches_pushed_total",
         "Branches pushed to a remote"},
        {"refusals", "counter", "arpkeeper_remote_branches_left_out_total",
         "Branches that were left out, because they went back, were damaged or refused"},
        {"bytes", "counter", "arpkeeper_remote_fetched_bytes_total",
         "Bytes of the packs fetched from a remote"},
};

static void remotes_print(const struct sink *sink, const json_t *remotes)
{
	const json_t *remote;
	int64_t time;
	size_t index;

	if (json_array_size(remotes) == 0)
		return;
	for (size_t i = 0; i < sizeof(remote_metric) / sizeof(remote_metric[0]); i++) {
		head(sink, remote_metric[i].metric, remote_metric[i].type, remote_metric[i].help);
		json_array_foreach ((json_t *)remotes, index, remote) {
			fprintf(sink->out, "%s{remote=\"%s\"}", remote_metric[i].metric,
			        json_text(remote, "remote"));
			value_print(sink, json_object_get(remote, remote_metric[i].name));
		}
	}
	head(sink, "arpkeeper_remote_succeeded_time_seconds", "gauge",
	     "When an exchange with a remote last succeeded, in Unix seconds");
	json_array_foreach ((json_t *)remotes, index, remote) {
		const char *text = json_text(remote, "succeeded");

		if (text && time_parse(&time, text, strlen(text)) == 0)
			fprintf(sink->out,
			        "arpkeeper_remote_succeeded_time_seconds{remote=\"%s\"} "
			        "%" JSON_INTEGER_FORMAT "\n",
			        json_text(remote, "remote"), (json_int_t)time);
	}
}

/* What the repository knows of each other node. */
static const struct {
	const char *object, *name, *type, *metric, *help;
} node_metric[] = {
        {NULL, "claims", "gauge", "arpkeeper_fleet_node_claims", "Claims of a node, by node"},
        {"behind", "seconds", "gauge", "arpkeeper_fleet_node_behind_seconds",
         "Age of the oldest claim of a node that was fetched and is not in main"},
        {"behind", "claims", "gauge", "arpkeeper_fleet_node_behind_claims",
         "Addresses of a node that were fetched and are not in main"},
        {"lacks", "commits", "gauge", "arpkeeper_fleet_node_lacks_commits",
         "Commits of this node that a node has not taken, as it told a remote"},
};

static void nodes_print(const struct sink *sink, const json_t *nodes)
{
	const json_t *node;
	int64_t time;
	size_t index;

	if (json_array_size(nodes) == 0)
		return;
	for (size_t i = 0; i < sizeof(node_metric) / sizeof(node_metric[0]); i++) {
		head(sink, node_metric[i].metric, node_metric[i].type, node_metric[i].help);
		json_array_foreach ((json_t *)nodes, index, node) {
			const json_t *object = node;

			if (node_metric[i].object)
				object = json_object_get(node, node_metric[i].object);
			fprintf(sink->out, "%s{node=\"%s\"} %" JSON_INTEGER_FORMAT "\n",
			        node_metric[i].metric, json_text(node, "node"),
			        json_number(object, node_metric[i].name));
		}
	}
	head(sink, "arpkeeper_fleet_node_spoke_time_seconds", "gauge",
	     "When a node last said something, by its clock, in Unix seconds");
	json_array_foreach ((json_t *)nodes, index, node) {
		const char *text = json_text(node, "spoke");

		if (text && time_parse(&time, text, strlen(text)) == 0)
			fprintf(sink->out,
			        "arpkeeper_fleet_node_spoke_time_seconds{node=\"%s\"} "
			        "%" JSON_INTEGER_FORMAT "\n",
			        json_text(node, "node"), (json_int_t)time);
	}
}

/* What history knows of the fleet, if this node is in one. */
static const struct {
	const char *name, *type, *metric, *help;
} fleet_metric[] = {
        {"nodes", "gauge", "arpkeeper_fleet_nodes", "Other nodes whose claims are held"},
        {"claims", "gauge", "arpkeeper_fleet_claims", "Claims of this node"},
        {"waiting", "gauge", "arpkeeper_fleet_waiting",
         "Learned addresses that are not claimed yet, because other nodes may do it first"},
        {"overruled", "counter", "arpkeeper_fleet_overruled_total",
         "Operators' words at this node that other nodes' beat"},
        {"published", "counter", "arpkeeper_fleet_commits_total",
         "Commits on this node's branches"},
};

static void fleet_print(const struct sink *sink, const json_t *fleet)
{
	for (size_t i = 0; i < sizeof(fleet_metric) / sizeof(fleet_metric[0]); i++)
		single(sink, fleet_metric[i].metric, fleet_metric[i].type, fleet_metric[i].help,
		       json_object_get(fleet, fleet_metric[i].name));
}

static void build_print(const struct sink *sink, const json_t *stats)
{
	const char *version = json_text(stats, "version"), *since = json_text(stats, "since");
	int64_t started;

	if (version) {
		head(sink, "arpkeeper_build_info", "gauge", "1, with the agent's version");
		fprintf(sink->out, "arpkeeper_build_info{version=\"%s\"} 1\n", version);
	}
	if (since && time_parse(&started, since, strlen(since)) == 0) {
		head(sink, "arpkeeper_start_time_seconds", "gauge",
		     "When the agent started, in Unix seconds");
		fprintf(sink->out, "arpkeeper_start_time_seconds %" JSON_INTEGER_FORMAT "\n",
		        (json_int_t)started);
	}
}

void prometheus_write(FILE *out, const json_t *stats, bool open_metrics)
{
	const struct sink to = {out, open_metrics}, *sink = &to;
	const json_t *counters = json_object_get(stats, "counters");
	const json_t *alerts = json_object_get(stats, "alerts");
	const json_t *history = json_object_get(stats, "history");
	const json_t *segments = json_object_get(stats, "segments");

	build_print(sink, stats);
	for (unsigned i = 0; i < COUNTERS; i++) {
		char name[80];

		snprintf(name, sizeof(name), "arpkeeper_%s_total", counter[i].name);
		single(sink, name, "counter", counter[i].help,
		       json_object_get(counters, counter[i].name));
	}
	alerts_print(sink, "arpkeeper_alerts_total",
	             "Alerts since the agent started, reported or not", alerts, "raised");
	alerts_print(sink, "arpkeeper_alerts_held_back_total",
	             "Alerts that were not reported one by one, because there were too many",
	             alerts, "held_back");
	command_print(sink, json_object_get(stats, "alert_command"));
	fleet_print(sink, json_object_get(stats, "fleet"));
	nodes_print(sink, json_object_get(stats, "nodes"));
	remotes_print(sink, json_object_get(stats, "remotes"));
	segments_print(sink, "arpkeeper_addresses", "gauge", "Addresses in the table", segments,
	               "addresses", "state");
	segments_print(sink, "arpkeeper_changes_total", "counter",
	               "Changes of the table, by the task that made them", segments, "changes",
	               "task");
	ports_print(sink, json_object_get(stats, "ports"));
	for (size_t i = 0; i < sizeof(history_metric) / sizeof(history_metric[0]); i++)
		single(sink, history_metric[i].metric, history_metric[i].type,
		       history_metric[i].help, json_object_get(history, history_metric[i].name));
	histogram_print(
	        sink, "arpkeeper_loop_turn_seconds",
	        "How long the turns of the agent's loop took: during one it answers nothing",
	        json_object_get(stats, "turns"));
	histogram_print(sink, "arpkeeper_history_flush_seconds",
	                "How long changes waited until they were durable",
	                json_object_get(stats, "flushes"));
}

void prometheus_print(const json_t *stats)
{
	prometheus_write(stdout, stats, false);
}
