/* SPDX-License-Identifier: MIT */
/* Reports the agent's state, and changes nothing. */
#include "agent/report.h"

#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/alerts.h"
#include "agent/values.h"
#include "wire/wire.h"

static json_t *segments_json(const struct agent *agent)
{
	json_t *segments = json_array();

	for (size_t s = 0; s < agent->config.segments; s++) {
		const struct config_segment *segment = &agent->config.segment[s];
		json_t *prefixes = json_array();
		char text[PREFIX_TEXT];

		for (size_t i = 0; i < segment->prefixes; i++)
			json_array_append_new(prefixes,
			                      json_string(prefix_format(text, segment->prefix[i])));
		json_array_append_new(segments, json_pack("{s:s, s:o, s:o, s:s, s:s, s:i}", "name",
		                                          segment->name, "prefixes", prefixes,
		                                          "vlan", value_vlan(segment->vlan),
		                                          "answer", config_answers[segment->answer],
		                                          "learn", config_learns[segment->learn],
		                                          "timeout", (int)segment->timeout));
	}
	return segments;
}

static json_t *port_json(const struct agent *agent, const struct agent_port *port)
{
	const struct offload_port *offload = port->offload;
	json_t *addresses = json_array(), *segments = json_array();
	char mac[MAC_TEXT], address[IPV4_TEXT];
	const char *reason = port->state == PORT_FAILED ? port->reason : NULL;

	for (size_t i = 0; i < port->addresses; i++)
		json_array_append_new(addresses,
		                      json_string(ipv4_format(address, port->address[i].address)));
	for (size_t s = 0; s < port->segments; s++)
		json_array_append_new(
		        segments,
		        json_string(agent->config.segment[port->segment[s].segment].name));
	if (offload)
		reason = offload_port_reason(offload);
	return json_pack("{s:s, s:s, s:o, s:s?, s:s, s:i, s:s?, s:o, s:s?, s:s?, s:s?, s:o}",
	                 "interface", port->name, "segment",
	                 agent->config.segment[port->segment[0].segment].name, "segments", segments,
	                 "vlan_offload", port_tags_state(port), "state",
	                 port_state_name(port->state), "ifindex", (int)port->ifindex, "mac",
	                 port->ifindex ? mac_format(mac, port->mac) : NULL, "addresses", addresses,
	                 "mode", offload ? offload_port_mode(offload) : NULL, "reason", reason,
	                 "attachment", offload ? offload_port_attachment(offload) : NULL, "since",
	                 value_time(port->since));
}

static json_t *table_json(const struct agent *agent)
{
	struct neighbour_totals totals;
	json_t *table = json_object();

	neighbour_totals(agent->neighbour, &totals);
	json_object_set_new(table, "slots", json_integer(agent->layout.slots));
	for (unsigned state = SLOT_DYNAMIC; state < SLOT_STATES; state++)
		json_object_set_new(table, value_state_name(state),
		                    json_integer(totals.state[state]));
	json_object_set_new(table, "sponged", json_integer(totals.sponged));
	json_object_set_new(table, "resolving", json_integer(totals.resolving));
	json_object_set_new(table, "refused", json_integer((json_int_t)totals.refused));
	return table;
}

static json_t *loop_json(const struct agent *agent)
{
	return json_pack("{s:I, s:I, s:f}", "turns", (json_int_t)agent->turns.count, "over_5ms",
	                 (json_int_t)agent->turns.over, "longest_ms",
	                 (double)agent->turns.longest / 1e6);
}

void report_status(struct agent *agent, const struct control_request *request)
{
	struct history_status history;
	json_t *ports = json_array();

	history_status(agent->history, &history);
	for (size_t i = 0; i < agent->ports.count; i++)
		json_array_append_new(ports, port_json(agent, &agent->ports.port[i]));
	control_reply(agent->control, request->client,
	              json_pack("{s:b, s:s, s:i, s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o}", "ok", 1,
	                        "version", ARPKEEPER_VERSION, "pid", (int)getpid(), "instance",
	                        agent->config.instance, "since", value_time(agent->started),
	                        "control", agent->config.control, "repository",
	                        json_pack("{s:s, s:s, s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:s?}",
	                                  "path", history.path, "tip", history.tip, "applied",
	                                  history.applied, "kept_since",
	                                  history.kept_since ? value_time(history.kept_since)
	                                                     : json_null(),
	                                  "commits", (json_int_t)history.commits, "queued",
	                                  (json_int_t)history.queued, "dropped",
	                                  (json_int_t)history.dropped, "alerts_waiting",
	                                  (json_int_t)history.alerts_waiting, "alerts_dropped",
	                                  (json_int_t)history.alerts_dropped, "trouble",
	                                  history.trouble[0] ? history.trouble : NULL),
	                        "segments", segments_json(agent), "ports", ports, "table",
	                        table_json(agent), "loop", loop_json(agent)));
}

void report_stats(struct agent *agent, const struct control_request *request)
{
	uint64_t counters[COUNTERS];
	struct history_status history;
	json_t *named;
	int error = offload_counters(agent->offload, counters);

	if (error) {
		control_fail(agent->control, request->client, "the counters cannot be read: %s",
		             strerror(-error));
		return;
	}
	named = json_object();
	for (unsigned i = 0; i < COUNTERS; i++)
		json_object_set_new(named, counter_name(i), json_integer((json_int_t)counters[i]));
	history_status(agent->history, &history);
	control_reply(agent->control, request->client,
	              json_pack("{s:b, s:o, s:o, s:{s:I, s:I, s:I, s:i, s:I, s:I}}", "ok", 1,
	                        "counters", named, "alerts", alerts_json(agent), "history",
	                        "commits", (json_int_t)history.commits, "queued",
	                        (json_int_t)history.queued, "dropped", (json_int_t)history.dropped,
	                        "trouble", history.trouble[0] != 0, "alerts_waiting",
	                        (json_int_t)history.alerts_waiting, "alerts_dropped",
	                        (json_int_t)history.alerts_dropped));
}

void report_watch(struct agent *agent, const struct control_request *request)
{
	control_reply(agent->control, request->client, json_pack("{s:b}", "ok", 1));
	control_subscribe(agent->control, request->client);
}
