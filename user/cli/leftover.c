/* SPDX-License-Identifier: MIT */
#include "cli/leftover.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "agent/agent.h"
#include "cli/table.h"
#include "cli/when.h"
#include "client/client.h"
#include "offload/offload.h"

static const char *instance_of(const struct leftover *leftover)
{
	return leftover->instance ? leftover->instance : leftover->settings->config.instance;
}

static int take(struct survey *survey, const struct leftover *leftover, struct fault *fault)
{
	int error = leftover->netns ? netns_enter(leftover->netns, fault) : 0;

	*survey = (struct survey){0};
	return error ? error : survey_take(survey, instance_of(leftover), fault);
}

/* The port that heard of the agent last; NULL: there is none. */
static const struct survey_port *latest(const struct survey *survey)
{
	const struct survey_port *found = NULL;

	for (size_t i = 0; i < survey->ports; i++)
		if (!found || survey->port[i].silent < found->silent)
			found = &survey->port[i];
	return found;
}

static json_t *survey_json(const struct survey *survey, const char *instance)
{
	static const char *const name[SLOT_STATES] = {NULL,    "dynamic", "static", "local",
	                                              "stale", "pending", "dead"};
	json_t *ports = json_array(), *table = json_object();
	char since[TIME_TEXT];

	for (size_t i = 0; i < survey->ports; i++) {
		const struct survey_port *port = &survey->port[i];

		json_array_append_new(ports,
		                      json_pack("{s:s, s:b, s:s?, s:I, s:I}", "interface",
		                                port->interface, "attached", port->attached, "mode",
		                                port->mode, "silent", (json_int_t)port->silent,
		                                "silence", (json_int_t)port->silence));
	}
	json_object_set_new(table, "slots", json_integer((json_int_t)survey->slots));
	for (unsigned state = SLOT_DYNAMIC; state < SLOT_STATES; state++)
		json_object_set_new(table, name[state],
		                    json_integer((json_int_t)survey->state[state]));
	json_object_set_new(table, "sponged", json_integer((json_int_t)survey->sponged));
	json_object_set_new(table, "frozen", json_integer((json_int_t)survey->frozen));
	json_object_set_new(table, "answered", json_integer((json_int_t)survey->answered));
	return json_pack("{s:b, s:s, s:s, s:s, s:o, s:o}", "agent", 0, "instance", instance, "pins",
	                 survey->directory, "since", time_format(since, survey->since), "ports",
	                 ports, "table", table);
}

static void print_agent(const struct survey *survey, const struct leftover *leftover)
{
	const struct survey_port *port = latest(survey);
	struct table *table = table_new("|");
	char text[320], age[WHEN_TEXT], when[WHEN_TEXT];
	const char *learned = "learned ones, too";

	snprintf(text, sizeof(text), "none listens; the last one of instance %s was alive %s ago",
	         instance_of(leftover), port ? when_age(age, port->silent) : "a while");
	table_row(table, "agent", text);
	snprintf(text, sizeof(text), "%s, since %s", survey->directory,
	         when_time(when, survey->since));
	table_row(table, "table", text);
	if (port && port->silence && port->silent > port->silence)
		learned = "learned ones no longer (agent.silence)";
	else if (port && port->silence)
		learned = when_age(age, port->silence - port->silent);
	snprintf(text, sizeof(text), "%" PRIu64 " addresses: declared ones without end, %s%s",
	         survey->answered,
	         port && port->silence && port->silent <= port->silence ? "learned ones for " : "",
	         learned);
	table_row(table, "answers for", text);
	table_write(table, stdout);
	table_free(table);
}

static void print_ports(const struct survey *survey)
{
	struct table *table = table_new("INTERFACE|STATE|MODE");

	for (size_t i = 0; i < survey->ports; i++) {
		const struct survey_port *port = &survey->port[i];

		table_row(table, port->interface,
		          port->attached ? "attached" : "not in this network namespace",
		          port->mode);
	}
	putchar('\n');
	table_write(table, stdout);
	table_free(table);
}

static void print_totals(const struct survey *survey)
{
	struct table *table = table_new(">ADDRESSES|>STATIC|>LOCAL|>DYNAMIC|>STALE|>PENDING|>DEAD|>"
	                                "SPONGED|>FROZEN");
	const uint64_t total[9] = {survey->slots,
	                           survey->state[SLOT_STATIC],
	                           survey->state[SLOT_LOCAL],
	                           survey->state[SLOT_DYNAMIC],
	                           survey->state[SLOT_STALE],
	                           survey->state[SLOT_PENDING],
	                           survey->state[SLOT_DEAD],
	                           survey->sponged,
	                           survey->frozen};
	char number[9][JSON_NUMBER];

	for (unsigned i = 0; i < 9; i++)
		snprintf(number[i], sizeof(number[i]), "%" PRIu64, total[i]);
	table_row(table, number[0], number[1], number[2], number[3], number[4], number[5],
	          number[6], number[7], number[8]);
	putchar('\n');
	table_write(table, stdout);
	table_free(table);
}

/* What to do is a part of the fault, which is printed last. */
static void advise(const struct leftover *leftover, struct fault *fault)
{
	const char *instance = instance_of(leftover), *control = leftover->settings->control;
	pid_t holder = instance_holder(instance);

	if (holder)
		fault_set(fault, -ENOENT,
		          "no agent listens on %s, but process %d is an agent of instance %s: name "
		          "its socket with --control",
		          control, (int)holder, instance);
	else
		fault_set(
		        fault, -ENOENT,
		        "no agent listens on %s, and what instance %s has pinned goes on: "
		        "'arpkeeper run' takes it over without a gap, 'arpkeeper detach' takes it "
		        "off",
		        control, instance);
}

int leftover_status(const struct leftover *leftover, int error, struct fault *fault)
{
	struct fault reason = {""};
	struct survey survey;
	int result = take(&survey, leftover, &reason);

	if (result == -EACCES || result == -EPERM) {
		snprintf(reason.text, sizeof(reason.text),
		         "%.300s; root can see what still answers", fault->text);
		*fault = reason;
	} else if (result == 0) {
		if (leftover->settings->json) {
			json_print(survey_json(&survey, instance_of(leftover)));
		} else {
			print_agent(&survey, leftover);
			print_ports(&survey);
			print_totals(&survey);
		}
		advise(leftover, fault);
	}
	survey_clear(&survey);
	return error;
}

json_t *leftover_counters(const struct leftover *leftover, struct fault *fault)
{
	json_t *counters = NULL;
	struct fault reason = {""};
	struct survey survey;

	if (take(&survey, leftover, &reason) == 0 && survey.counted) {
		counters = json_object();
		for (unsigned i = 0; i < COUNTERS; i++)
			json_object_set_new(counters, counter_name(i),
			                    json_integer((json_int_t)survey.counters[i]));
		advise(leftover, fault);
	}
	survey_clear(&survey);
	return counters ? json_pack("{s:o}", "counters", counters) : NULL;
}
