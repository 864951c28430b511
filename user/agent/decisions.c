/* SPDX-License-Identifier: MIT */
#include "agent/decisions.h"

#include <string.h>

#include "agent/alerts.h"
#include "agent/announced.h"
#include "agent/clock.h"
#include "agent/kernel.h"
#include "agent/publish.h"
#include "base/base.h"

/* Others who heard the contradiction may speak at once: a defence waits this long. */
#define DEFENCE_DELAY_MS 200

void decisions_changed(struct agent *agent, const struct neighbour_change *change)
{
	kernel_changed(agent->kernel, change->segment, change->address);
	publish_change(agent, change);
}

static void on_changed(void *context, const struct neighbour_change *change)
{
	struct agent *agent = context;
	/* A change by an outsider is found on the way, and is not the operator's. */
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
	decisions_changed(agent, change);
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
	         begun ? "dead and under heavy request load: answered" : "no longer answered");
	publish_notice(agent, line);
}

static void on_declared(void *context, unsigned segment, uint32_t address, struct mac mac,
                        bool local)
{
	struct agent *agent = context;

	(void)mac; /* the announcement takes the MAC of the moment when it leaves */
	if (announced_is_wanted(agent, segment, local ? SLOT_LOCAL : SLOT_STATIC))
		announce_add(&agent->announcer, segment, address);
}

const struct neighbour_ops decisions_ops = {
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

void decisions_local(struct agent *agent, unsigned segment, uint32_t address, const struct mac *mac)
{
	struct neighbour_clock clock = clock_now();

	neighbour_local(agent->neighbour, segment, address, mac, &clock);
}

void decisions_beat(struct agent *agent)
{
	const struct locals *locals = &agent->ports.locals;
	struct neighbour_view view;

	for (size_t i = 0; i < locals->count; i++) {
		const struct local *own = &locals->item[i];

		if (neighbour_view(agent->neighbour, own->segment, own->address, &view) &&
		    view.state != SLOT_LOCAL && view.state != SLOT_STATIC)
			decisions_local(agent, own->segment, own->address, &own->mac);
	}
}
