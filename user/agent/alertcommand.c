/* SPDX-License-Identifier: MIT */
#include "agent/alertcommand.h"

#include <errno.h>
#include <stdlib.h>

#include "agent/publish.h"

#define LIMIT_MS  10000 /* one run */
#define MINUTE_MS 60000
#define A_MINUTE  20

int alertcommand_prepare(struct agent *agent, struct fault *fault)
{
	const struct courier_options options = {.user = &agent->recorder_user,
	                                        .command = agent->config.alert_command,
	                                        .limit_ms = LIMIT_MS,
	                                        .window_ms = MINUTE_MS,
	                                        .runs = A_MINUTE};
	int error;

	if (!options.command)
		return 0;
	/* Landlock does not hold the command, so root would own every file. */
	if (options.user->uid == 0)
		return fault_set(fault, -EPERM,
		                 "agent.alert-command is run by the recorder's user, which must "
		                 "not be root: make a user " SANDBOX_USER
		                 ", or name another with agent.recorder-user");
	error = courier_open(&agent->courier, &options, fault);
	if (!error)
		log_info("alerts are passed to %s, as user %s", options.command,
		         options.user->name);
	return error;
}

/* The members of `watch --json`; the words are always there, and where they come from. */
static char *text_of(const struct agent *agent, const struct history_alert *alert, uint32_t vlan)
{
	json_t *object = json_pack(
	        "{s:o, s:s, s:s, s:s?, s:s?, s:s?, s:s?, s:s?, s:o, s:s, s:s, s:s}", "time",
	        value_time(alert->time), "type", "alert", "alert", alert->kind, "segment",
	        alert->segment, "address", alert->address, "mac", alert->mac, "other", alert->other,
	        "interface", alert->interface, "vlan", value_vlan(vlan), "text", alert->words,
	        "host", agent->hostname, "instance", agent->config.instance);
	char *text = object ? json_dumps(object, JSON_COMPACT) : NULL;

	json_decref(object);
	return text;
}

void alertcommand_pass(struct agent *agent, const struct history_alert *alert, uint32_t vlan,
                       bool news)
{
	char *text;
	int error;

	if (!agent->courier)
		return;
	text = text_of(agent, alert, vlan);
	error = text ? courier_send(agent->courier, text, news) : -ENOMEM;
	free(text);
	if (error == -EPIPE) {
		log_warning("the process that runs agent.alert-command has ended: alerts are not "
		            "passed to it any more; restart the agent, which loses no request");
		courier_close(agent->courier);
		agent->courier = NULL;
	} else if (error == -ENOMEM) {
		log_error("out of memory: an alert is not passed to agent.alert-command");
	}
}
