/* SPDX-License-Identifier: MIT */
#include "agent/alertcommand.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "agent/publish.h"

#define LIMIT_MS  10000 /* one run */
#define MINUTE_MS 60000
#define A_MINUTE  20
#define QUIET_MS  600000 /* after which alerts that are not passed on are an alert again */

int alertcommand_prepare(struct agent *agent, struct fault *fault)
{
	const struct courier_options options = {.user = &agent->recorder_user,
	                                        .command = agent->config.alert_command,
	                                        .label = "agent.alert-command",
	                                        .failed = "the alert was not passed on",
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
		courier_close(agent->courier);
		agent->courier = NULL;
		agent->alertcommand.ended = true;
	} else if (error == -ENOMEM) {
		log_error("out of memory: an alert is not passed to agent.alert-command");
	}
}

bool alertcommand_fails(struct agent *agent, char words[ALERTCOMMAND_WORDS])
{
	struct alertcommand *command = &agent->alertcommand;
	uint64_t before = command->counts.failed + command->counts.dropped, lost;
	uint64_t now = uv_now(&agent->loop);
	bool quiet = !command->lost_ms || now - command->lost_ms >= QUIET_MS;

	if (command->ended) {
		command->ended = false;
		snprintf(words, ALERTCOMMAND_WORDS,
		         "the process that runs agent.alert-command has ended: alerts are not "
		         "passed to it any more; restart the agent, which loses no request");
		return true;
	}
	if (!agent->courier)
		return false;
	courier_count(agent->courier, &command->counts);
	lost = command->counts.failed + command->counts.dropped;
	if (lost <= before)
		return false;
	command->lost_ms = now;
	snprintf(words, ALERTCOMMAND_WORDS,
	         "alerts are not passed to agent.alert-command: %" PRIu64 " by now, %" PRIu64
	         " because it failed; `arpkeeper stats` counts them, and the log has the reason",
	         lost, command->counts.failed);
	return quiet;
}

json_t *alertcommand_json(const struct agent *agent)
{
	const struct courier_counts *counts = &agent->alertcommand.counts;

	if (!agent->config.alert_command)
		return json_null();
	return json_pack("{s:s, s:b, s:I, s:I, s:I, s:I}", "command", agent->config.alert_command,
	                 "running", agent->courier != NULL, "passed", (json_int_t)counts->passed,
	                 "failed", (json_int_t)counts->failed, "dropped",
	                 (json_int_t)counts->dropped, "left_behind", (json_int_t)counts->left);
}
