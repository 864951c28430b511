/* SPDX-License-Identifier: MIT */
/* Reports the agent's state, and changes nothing. */
#include "agent/report.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "agent/alertcommand.h"
#include "agent/alerts.h"
#include "agent/clock.h"
#include "agent/fleet.h"
#include "agent/place.h"
#include "agent/publish.h"

/* Of a long answer at a time; each takes half a millisecond at most. */
#define PIECE_ENTRIES 256
#define PIECE_SLOTS   65536 /* most of which may be empty */
#define PIECE_BYTES   (64 << 10)
#define PIECE_ROOM                                                                                 \
	(PIECE_BYTES + 3 * ENTRY_TEXT_MAX) /* an entry more, with each character escaped */

static const char *state_name(enum slot_state state)
{
	static const char *const name[SLOT_STATES] = {"empty", "dynamic", "static", "local",
	                                              "stale", "pending", "dead"};

	return name[state];
}

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

/* How a port hears solicitations of IPv6. Null: its segments have none. */
static json_t *hearing_json(const struct agent *agent, const struct agent_port *port)
{
	const struct hearing_report report = hearing_report(&agent->hearing, port);
	const bool asked = !address_is_none(report.querier);
	char querier[ADDRESS_TEXT];

	if (!report.wanted)
		return json_null();
	return json_pack("{s:b, s:I, s:i, s:s?, s:o}", "every_group", report.open, "groups",
	                 (json_int_t)report.groups, "version", (int)report.version, "querier",
	                 asked ? address_format(querier, report.querier) : NULL, "queried",
	                 asked ? value_time(time(NULL) - (int64_t)(report.ago_ms / 1000))
	                       : json_null());
}

static json_t *port_json(const struct agent *agent, const struct agent_port *port)
{
	const struct offload_port *offload = port->offload;
	json_t *addresses = json_array(), *segments = json_array();
	char mac[MAC_TEXT], address[ADDRESS_TEXT];
	const char *reason = port->state == PORT_FAILED ? port->reason : NULL;

	for (size_t i = 0; i < port->addresses; i++)
		json_array_append_new(
		        addresses, json_string(address_format(address, port->address[i].address)));
	for (size_t s = 0; s < port->segments; s++)
		json_array_append_new(
		        segments,
		        json_string(agent->config.segment[port->segment[s].segment].name));
	if (offload)
		reason = offload_port_reason(offload);
	return json_pack("{s:s, s:s, s:o, s:s?, s:s, s:i, s:s?, s:o, s:o, s:s?, s:s?, s:s?, s:o}",
	                 "interface", port->name, "segment",
	                 agent->config.segment[port->segment[0].segment].name, "segments", segments,
	                 "vlan_offload", port_tags_state(port), "state",
	                 port_state_name(port->state), "ifindex", (int)port->ifindex, "mac",
	                 port->ifindex ? mac_format(mac, port->mac) : NULL, "addresses", addresses,
	                 "hearing", hearing_json(agent, port), "mode",
	                 offload ? offload_port_mode(offload) : NULL, "reason", reason,
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
		json_object_set_new(table, state_name(state), json_integer(totals.state[state]));
	json_object_set_new(table, "sponged", json_integer(totals.sponged));
	json_object_set_new(table, "frozen", json_integer(totals.frozen));
	json_object_set_new(table, "resolving", json_integer(totals.resolving));
	json_object_set_new(table, "slots4", json_integer(totals.slots4));
	json_object_set_new(table, "taken4", json_integer(totals.taken4));
	json_object_set_new(table, "slots6", json_integer(totals.slots6));
	json_object_set_new(table, "taken6", json_integer(totals.taken6));
	json_object_set_new(table, "refused", json_integer((json_int_t)totals.refused));
	return table;
}

static json_t *recorder_json(const struct agent *agent)
{
	const struct sandbox_report *report = &agent->recorder;
	struct ledger_recorder running;

	ledger_recorder(agent->ledger, &running);
	return json_pack("{s:i, s:I, s:s, s:b, s:i, s:b, s:s}", "pid", (int)running.pid, "restarts",
	                 (json_int_t)running.restarts, "user", agent->recorder_user.name, "root",
	                 report->root, "landlock", report->landlock, "seccomp", report->seccomp,
	                 "rights", report->text);
}

/* What history knows of the fleet; null: this node is in none. */
static json_t *node_json(const struct agent *agent, const struct history_fleet *fleet)
{
	if (!agent->config.fleet)
		return json_null();
	return json_pack("{s:s, s:I, s:I, s:I, s:I, s:I}", "node", agent->config.fleet, "nodes",
	                 (json_int_t)fleet->nodes, "claims", (json_int_t)fleet->claims, "waiting",
	                 (json_int_t)fleet->waiting, "overruled", (json_int_t)fleet->overruled,
	                 "published", (json_int_t)fleet->published);
}

static void add_missing(json_t *missing, const char *format, const char *name)
{
	char text[SEGMENT_NAME_MAX + 160];

	snprintf(text, sizeof(text), format, name);
	json_array_append_new(missing, json_string(text));
}

/* As the recorder has read main. Missing: a client that may read the repository looks itself. */
static void add_outside(json_t *status, const struct history_status *history)
{
	if (history->all_inside)
		json_object_set_new(status, "outside",
		                    json_pack("{s:i, s:[]}", "entries", 0, "paths"));
}

/* What the agent waits for. */
static json_t *missing_json(const struct agent *agent)
{
	json_t *missing = json_array();

	for (size_t i = 0; i < agent->ports->count; i++)
		if (!agent->ports->port[i].ifindex)
			add_missing(missing, "%s: no such interface; it is attached when it comes",
			            agent->ports->port[i].name);
	for (size_t s = 0; s < agent->config.segments; s++)
		if (agent->config.segment[s].prefixes == 0)
			add_missing(missing,
			            "segment %s: no prefix; it has one when an interface of it "
			            "has an IPv4 address",
			            agent->config.segment[s].name);
	return missing;
}

void report_status(struct agent *agent, const struct control_request *request)
{
	struct history_status history;
	json_t *ports = json_array(), *status;

	ledger_status(agent->ledger, &history);
	for (size_t i = 0; i < agent->ports->count; i++)
		json_array_append_new(ports, port_json(agent, &agent->ports->port[i]));
	status = json_pack(
	        "{s:b, s:s, s:i, s:s, s:o, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o, s:o}",
	        "ok", 1, "version", ARPKEEPER_VERSION, "pid", (int)getpid(), "instance",
	        agent->config.instance, "since", value_time(agent->started), "control",
	        agent->config.control, "recorder", recorder_json(agent), "repository",
	        json_pack("{s:s, s:s, s:s, s:o, s:I, s:I, s:I, s:I, s:I, s:s?}", "path",
	                  history.path, "tip", history.tip, "applied", history.applied,
	                  "kept_since",
	                  history.kept_since ? value_time(history.kept_since) : json_null(),
	                  "commits", (json_int_t)history.commits, "queued",
	                  (json_int_t)history.queued, "dropped", (json_int_t)history.dropped,
	                  "alerts_waiting", (json_int_t)history.alerts_waiting, "alerts_dropped",
	                  (json_int_t)history.alerts_dropped, "trouble",
	                  history.trouble[0] ? history.trouble : NULL),
	        "alert_command", alertcommand_json(agent), "remotes", fleet_json(agent), "fleet",
	        node_json(agent, &history.fleet), "missing", missing_json(agent), "segments",
	        segments_json(agent), "ports", ports, "table", table_json(agent), "loop",
	        json_pack("{s:I, s:I, s:f}", "turns", (json_int_t)agent->turns.count, "over_5ms",
	                  (json_int_t)agent->turns.over, "longest_ms",
	                  (double)agent->turns.longest / 1e6));
	add_outside(status, &history);
	control_reply(agent->control, request->client, status);
}

/* Numbers by bound, each with those of the smaller ones in it, as Prometheus wants them. */
static json_t *histogram_json(const struct histogram *histogram)
{
	json_t *buckets = json_array();
	uint64_t below = 0;

	for (unsigned i = 0; i < HISTOGRAM_BOUNDS; i++) {
		below += histogram->at_most[i];
		json_array_append_new(buckets,
		                      json_pack("{s:f, s:I}", "at_most_seconds", histogram_bound[i],
		                                "count", (json_int_t)below));
	}
	return json_pack("{s:o, s:I, s:f}", "buckets", buckets, "count",
	                 (json_int_t)histogram->count, "sum_seconds",
	                 (double)histogram->nanoseconds / 1e9);
}

static json_t *segment_stats(const struct agent *agent, unsigned segment)
{
	struct neighbour_segment_totals totals;
	json_t *states = json_object(), *changes = json_object();

	neighbour_segment_totals(agent->neighbour, segment, &totals);
	for (unsigned state = SLOT_DYNAMIC; state < SLOT_STATES; state++)
		json_object_set_new(states, state_name(state), json_integer(totals.state[state]));
	for (unsigned kind = 0; kind < TASK_KINDS; kind++)
		json_object_set_new(changes, task_kind_name(kind),
		                    json_integer((json_int_t)totals.changed[kind]));
	return json_pack("{s:s, s:o, s:o}", "segment", agent->config.segment[segment].name,
	                 "addresses", states, "changes", changes);
}

static json_t *ports_stats(const struct agent *agent)
{
	json_t *ports = json_array();

	for (size_t i = 0; i < agent->ports->count; i++) {
		const struct agent_port *port = &agent->ports->port[i];

		json_array_append_new(
		        ports, json_pack("{s:s, s:s, s:s?}", "interface", port->name, "state",
		                         port_state_name(port->state), "mode",
		                         port->offload ? offload_port_mode(port->offload) : NULL));
	}
	return ports;
}

/* What is about the agent as a process. */
static void add_health(const struct agent *agent, json_t *stats)
{
	json_t *segments = json_array();
	struct ledger_times times;

	ledger_times(agent->ledger, &times);
	for (unsigned s = 0; s < agent->config.segments; s++)
		json_array_append_new(segments, segment_stats(agent, s));
	json_object_set_new(stats, "version", json_string(ARPKEEPER_VERSION));
	json_object_set_new(stats, "since", value_time(agent->started));
	json_object_set_new(stats, "segments", segments);
	json_object_set_new(stats, "alert_command", alertcommand_json(agent));
	json_object_set_new(stats, "remotes", fleet_json(agent));
	json_object_set_new(stats, "ports", ports_stats(agent));
	json_object_set_new(stats, "turns", histogram_json(&agent->turns.took));
	json_object_set_new(stats, "flushes", histogram_json(&times.flushes));
	json_object_set_new(json_object_get(stats, "history"), "behind_seconds",
	                    json_real((double)times.behind_ns / 1e9));
}

void report_stats(struct agent *agent, const struct control_request *request)
{
	uint64_t counters[COUNTERS];
	struct history_status history;
	json_t *named, *stats;
	int error = offload_counters(agent->offload, counters);

	if (error) {
		control_fail(agent->control, request->client, "the counters cannot be read: %s",
		             strerror(-error));
		return;
	}
	named = json_object();
	for (unsigned i = 0; i < COUNTERS; i++)
		json_object_set_new(named, counter_name(i), json_integer((json_int_t)counters[i]));
	ledger_status(agent->ledger, &history);
	stats = json_pack("{s:b, s:o, s:o, s:{s:I, s:I, s:I, s:b, s:I, s:I}}", "ok", 1, "counters",
	                  named, "alerts", alerts_json(agent), "history", "commits",
	                  (json_int_t)history.commits, "queued", (json_int_t)history.queued,
	                  "dropped", (json_int_t)history.dropped, "trouble",
	                  history.trouble[0] != 0, "alerts_waiting",
	                  (json_int_t)history.alerts_waiting, "alerts_dropped",
	                  (json_int_t)history.alerts_dropped);
	add_health(agent, stats);
	json_object_set_new(stats, "fleet", node_json(agent, &history.fleet));
	control_reply(agent->control, request->client, stats);
}

void report_watch(struct agent *agent, const struct control_request *request)
{
	control_subscribe(agent->control, request->client);
}

/*
 * The table may have millions of entries: the client gets it piece by piece, as it reads, and as
 * the table is at that moment. As values of a JSON library, a million entries took 10 s of the loop
 * and 1.7 GB; so they are written as text.
 */
struct show {
	struct agent *agent;
	unsigned generation; /* of the configuration that `slot` belongs to */
	struct range range;
	struct mac mac;      /* zero: any */
	int segment;         /* -1: all */
	char state[16];      /* "": any */
	bool lines;          /* a line for each piece; else one for all */
	uint32_t slot, last; /* the slots that are left, both included */
	bool begun, ended;
	const char *comma;
};

/* The text of entries has no control characters: nothing else needs an escape. */
static void put_text(FILE *out, const char *text)
{
	if (!text) {
		fputs("null", out);
		return;
	}
	putc_unlocked('"', out);
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			putc_unlocked('\\', out);
		putc_unlocked(*text, out);
	}
	putc_unlocked('"', out);
}

static void put_member(FILE *out, const char *key, const char *text)
{
	fputs(",\"", out);
	fputs(key, out);
	fputs("\":", out);
	put_text(out, text);
}

static void put_entry(FILE *out, const struct show *show, const struct neighbour_view *view,
                      const struct neighbour_clock *clock)
{
	const struct entry *entry = view->entry;
	char address[ADDRESS_TEXT], mac[MAC_TEXT], since[TIME_TEXT], seen[TIME_TEXT];

	fputs("{\"segment\":", out);
	put_text(out, show->agent->config.segment[view->segment].name);
	put_member(out, "address", address_format(address, view->address));
	put_member(out, "mac", mac_is_zero(view->mac) ? NULL : mac_format(mac, view->mac));
	put_member(out, "state", state_name(view->state));
	put_member(out, "since", entry ? time_format(since, entry->since) : NULL);
	put_member(out, "seen",
	           view->seen ? time_format(seen, clock->wall - (int64_t)(clock->now - view->seen))
	                      : NULL);
	put_member(out, "origin", entry ? entry->origin : NULL);
	put_member(out, "note", entry ? entry->note : NULL);
	if (entry && entry->router)
		put_member(out, "role", ENTRY_ROLE_ROUTER);
	fputs(view->flags & SLOT_FROZEN ? ",\"frozen\":true" : ",\"frozen\":false", out);
	if (view->foreign)
		fputs(",\"foreign\":true", out);
	putc_unlocked('}', out);
}

static bool wants(const struct show *show, const struct neighbour_view *view)
{
	return range_contains(show->range, view->address) &&
	       (mac_is_zero(show->mac) || mac_equal(show->mac, view->mac)) &&
	       (show->segment < 0 || (unsigned)show->segment == view->segment) &&
	       (!show->state[0] || strcmp(show->state, state_name(view->state)) == 0);
}

static void put_entries(FILE *out, struct show *show)
{
	struct neighbour_clock clock = clock_now();
	bool whole = show->slot > show->last || show->last - show->slot < PIECE_SLOTS;
	uint32_t last = whole ? show->last : show->slot + PIECE_SLOTS - 1;
	struct neighbour_view view;

	for (unsigned i = 0; i < PIECE_ENTRIES && ftell(out) < PIECE_BYTES; i++) {
		if (!neighbour_next(show->agent->neighbour, &show->slot, last, &view)) {
			show->ended = whole;
			return;
		}
		if (!wants(show, &view))
			continue;
		fputs(show->comma, out);
		put_entry(out, show, &view, &clock);
		show->comma = ",";
	}
}

static char *next(void *context, size_t *length)
{
	struct show *show = context;
	char *text = NULL;
	FILE *out;

	if (show->ended)
		return NULL;
	/* Not JSON, so that no client takes it for all there is. */
	if (show->generation != show->agent->generation) {
		show->ended = true;
		text = strdup("the configuration has changed: ask again\n");
		*length = text ? strlen(text) : 0;
		return text;
	}
	text = malloc(PIECE_ROOM);
	out = text ? fmemopen(text, PIECE_ROOM, "w") : NULL;
	if (!out) {
		free(text);
		return NULL;
	}
	if (show->lines) {
		fputs(show->begun ? "{\"entries\":[" : "{\"ok\":true}\n{\"entries\":[", out);
		show->comma = "";
	} else {
		/* A space: a piece may have no entry. */
		fputs(show->begun ? " " : "{\"ok\":true,\"entries\":[", out);
	}
	show->begun = true;
	put_entries(out, show);
	if (show->lines)
		fputs(show->ended ? "]}\n{\"end\":true}\n" : "]}\n", out);
	else if (show->ended)
		fputs("]}\n", out);
	*length = (size_t)ftell(out);
	if (fclose(out) != 0) {
		free(text);
		return NULL;
	}
	return text;
}

static void end_show(void *context)
{
	struct show *show = context;

	show->agent->shows--;
	free(show);
}

void report_show(struct agent *agent, const struct control_request *request)
{
	const char *within = control_text(request, "prefix");
	const char *mac = control_text(request, "mac");
	const char *state = control_text(request, "state");
	const char *segment = control_text(request, "segment");
	struct show *show = calloc(1, sizeof(*show));
	struct control_source source = {next, end_show, show};
	struct fault fault = {"out of memory"};

	if (!show || (within && range_parse(&show->range, within, &fault)) ||
	    (mac && mac_read(&show->mac, mac) &&
	     fault_set(&fault, -EINVAL, "'%.40s' is not a MAC address", mac)) ||
	    place_segment(&show->segment, agent, segment, &fault)) {
		free(show);
		control_fail(agent->control, request->client, "%s", fault.text);
		return;
	}
	if (!within)
		show->range = range_anywhere;
	show->agent = agent;
	show->generation = agent->generation;
	agent->shows++;
	show->comma = "";
	show->lines = json_is_true(json_object_get(request->body, "stream"));
	snprintf(show->state, sizeof(show->state), "%s", state ? state : "");
	place_slots(&show->slot, &show->last, &agent->layout, show->segment, show->range);
	control_stream(agent->control, request->client, &source);
}
