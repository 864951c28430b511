/* SPDX-License-Identifier: MIT */
/*
 * What the table decided (struct neighbour_ops), handed on: frames to the ports, durable
 * changes to history, everything to those who watch. Decides nothing but what policy says
 * about announcing.
 */
#include <string.h>
#include <time.h>

#include "agent/state.h"
#include "base/base.h"

static json_t *binding_json(const struct entry *entry)
{
	char mac[MAC_TEXT];

	if (!entry)
		return json_null();
	return json_pack("{s:s, s:s}", "mac", mac_format(mac, entry->mac), "state",
	                 entry_state_name(entry->state));
}

void record_publish(struct agent *agent, const struct neighbour_change *change)
{
	char address[IPV4_TEXT], now[TIME_TEXT];

	kernel_changed(agent->kernel, change->segment, change->address);
	if (!agent->control || !control_has_subscribers(agent->control))
		return;
	control_publish(agent->control,
	                json_pack("{s:s, s:s, s:s, s:s, s:s, s:s?, s:s?, s:o, s:o}", "time",
	                          time_format(now, time(NULL)), "type", "change", "task",
	                          task_kind_name(change->kind), "segment",
	                          agent->config.segment[change->segment].name, "address",
	                          ipv4_format(address, change->address), "interface",
	                          change->interface, "trigger", change->trigger, "before",
	                          binding_json(change->before), "after",
	                          binding_json(change->after)));
}

static void on_changed(void *context, const struct neighbour_change *change)
{
	struct agent *agent = context;
	/* What an outsider wrote is found on the way, and is nobody's. */
	const struct operator_context *by =
	        agent->by && agent->by->kind == change->kind ? agent->by : NULL;
	struct task_context told = {
	        .segment = agent->config.segment[change->segment].name,
	        .interface = change->interface,
	        .trigger = by && by->trigger ? by->trigger : change->trigger,
	        .author = by ? by->author : NULL,
	        .message = by ? by->message : NULL,
	};
	uint64_t task = by && by->task ? by->task : change->task;
	struct entry *after = entry_copy(change->after);
	int error;

	if (task)
		error = history_task_change(agent->history, task, by && by->said ? NULL : &told,
		                            change->segment, change->address, after);
	else
		error = history_record(agent->history, task_kind_name(change->kind), &told,
		                       change->segment, change->address, after,
		                       by ? by->done : NULL, by ? by->argument : NULL);
	if (error)
		log_error("a change could not be handed to history: %s", strerror(-error));
	record_publish(agent, change);
}

static uint64_t on_task_begin(void *context, enum task_kind kind, unsigned segment,
                              uint32_t address)
{
	struct agent *agent = context;

	(void)segment;
	(void)address;
	return history_begin(agent->history, task_kind_name(kind));
}

static void on_task_end(void *context, uint64_t task)
{
	struct agent *agent = context;

	history_end(agent->history, task, NULL, NULL);
}

static void on_ask(void *context, unsigned segment, uint32_t address, const struct mac *to)
{
	struct agent *agent = context;

	ports_ask(&agent->ports, segment, address, to);
}

static void on_alert(void *context, const struct neighbour_alert *alert)
{
	alerts_raise(context, alert);
}

/* Long enough to not speak in the same instant as others who were heard to be contradicted. */
#define DEFENCE_DELAY_MS 200

static void on_defend(void *context, unsigned segment, uint32_t address, struct mac mac)
{
	struct agent *agent = context;

	announce_once(&agent->announcer, segment, address, mac, DEFENCE_DELAY_MS);
}

static void on_correct(void *context, unsigned segment, uint32_t address, struct mac mac,
                       uint32_t holder, struct mac holder_mac)
{
	struct agent *agent = context;

	correct_add(&agent->corrector, segment, address, mac, holder, holder_mac);
}

static void on_sponged(void *context, unsigned segment, uint32_t address, bool begun)
{
	struct agent *agent = context;
	char text[IPV4_TEXT], line[SEGMENT_NAME_MAX + 120];

	snprintf(line, sizeof(line), "%s: %s is %s with the sponge's MAC",
	         agent->config.segment[segment].name, ipv4_format(text, address),
	         begun ? "dead and asked for without end: answered" : "no longer answered");
	record_notice(agent, line);
}

static void on_declared(void *context, unsigned segment, uint32_t address, struct mac mac,
                        bool local)
{
	struct agent *agent = context;

	(void)mac; /* as it is when the announcement leaves */
	if (announced_is_wanted(agent, segment, local ? SLOT_LOCAL : SLOT_STATIC))
		announce_add(&agent->announcer, segment, address);
}

const struct neighbour_ops record_ops = {
        .ask = on_ask,
        .task_begin = on_task_begin,
        .task_end = on_task_end,
        .changed = on_changed,
        .alert = on_alert,
        .defend = on_defend,
        .correct = on_correct,
        .sponged = on_sponged,
        .declared = on_declared,
};

void record_notice(struct agent *agent, const char *line)
{
	char now[TIME_TEXT];

	log_info("%s", line);
	if (agent->control && control_has_subscribers(agent->control))
		control_publish(agent->control,
		                json_pack("{s:s, s:s, s:s}", "time", time_format(now, time(NULL)),
		                          "type", "notice", "text", line));
}

void record_local(struct agent *agent, unsigned segment, uint32_t address, const struct mac *mac)
{
	struct neighbour_clock clock = agent_clock();

	neighbour_local(agent->neighbour, segment, address, mac, &clock);
}

void record_locals(struct agent *agent)
{
	const struct locals *locals = &agent->ports.locals;
	struct neighbour_view view;

	for (size_t i = 0; i < locals->count; i++) {
		const struct local *own = &locals->item[i];

		if (neighbour_view(agent->neighbour, own->segment, own->address, &view) &&
		    view.state != SLOT_LOCAL && view.state != SLOT_STATIC)
			record_local(agent, own->segment, own->address, &own->mac);
	}
}
