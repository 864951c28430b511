/* SPDX-License-Identifier: MIT */
/*
 * The table of commands, and those that change something or wait for history. Those that only
 * report are in report.c.
 */
#include "agent/commands.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/fleet.h"
#include "agent/importer.h"
#include "agent/kernel.h"
#include "agent/mass.h"
#include "agent/reconciler.h"
#include "agent/reload.h"
#include "agent/renew.h"
#include "agent/report.h"
#include "agent/set.h"
#include "agent/waiting.h"

#define REF_MAX 1023

/* With a full disk, say, the change is kept, and the client gets the reason. A recorder that is
 * replaced at once is not worth an answer: only trouble that lasts is. */
void commands_beat(struct agent *agent)
{
	struct history_status status = {.trouble = ""};

	if (agent->waiting || agent->reconciler.first || importer_is_waiting(agent))
		ledger_status(agent->ledger, &status);
	if (!status.trouble[0]) {
		agent->troubled_ms = 0;
		return;
	}
	if (!agent->troubled_ms)
		agent->troubled_ms = uv_now(&agent->loop);
	if (uv_now(&agent->loop) - agent->troubled_ms < DURABLE_PATIENCE_MS)
		return;
	importer_beat(agent, status.trouble);
	reconciler_beat(agent, status.trouble);
	for (struct waiting *waiting = agent->waiting; waiting; waiting = waiting->next) {
		if (waiting->answered ||
		    uv_now(&agent->loop) - waiting->since_ms < DURABLE_PATIENCE_MS)
			continue;
		waiting->answered = true;
		control_fail(agent->control, waiting->client,
		             "not recorded yet, because history cannot be written: %s; nothing is "
		             "lost: it is recorded when that ends",
		             status.trouble);
	}
}

static void on_outcome(void *argument, const struct history_outcome *outcome)
{
	struct waiting *waiting = argument;

	/* The notice of a merge has a line in the log already; a command has one that says whose.
	 */
	if (waiting->what[0] && outcome->status == 0 && outcome->applied > 0)
		log_info("%s by %s: %zu changed, commit %.10s%s", waiting->what, waiting->by,
		         outcome->applied, outcome->commit,
		         waiting->answered ? ", merged after all" : "");
	if (!waiting->answered && outcome->status)
		control_fail(waiting->agent->control, waiting->client, "%s", outcome->text);
	else if (!waiting->answered)
		control_reply(waiting->agent->control, waiting->client,
		              json_pack("{s:b, s:s, s:I, s:I, s:s}", "ok", 1, "commit",
		                        outcome->commit, "applied", (json_int_t)outcome->applied,
		                        "chosen", (json_int_t)outcome->chosen, "text",
		                        outcome->text));
	waiting_free(waiting);
}

static void merge_branch(struct agent *agent, const struct control_request *request,
                         const char *branch, bool command)
{
	struct waiting *waiting = waiting_new(agent, request);
	int error;

	if (!waiting)
		return;
	if (command)
		snprintf(waiting->what, sizeof(waiting->what), "merge of %.100s", branch);
	error = ledger_merge(agent->ledger, branch, mass_confirmed(request), on_outcome, waiting);
	if (error) {
		waiting_free(waiting);
		control_fail(agent->control, request->client, "%s: %s", branch ? branch : "main",
		             strerror(-error));
	}
}

static void command_merge(struct agent *agent, const struct control_request *request)
{
	const char *branch = control_text(request, "branch");

	if (!branch || !*branch)
		control_fail(agent->control, request->client, "merge: name a branch");
	else if (strlen(branch) > REF_MAX)
		control_fail(agent->control, request->client,
		             "merge: the name of a branch has at most %d bytes", REF_MAX);
	else
		merge_branch(agent, request, branch, true);
}

/* The ids of commits, oldest first; none if one of them is longer than an id. */
static const char **commits_of(const json_t *list, size_t *count)
{
	const char **commit = calloc(json_array_size(list) + 1, sizeof(*commit));

	*count = 0;
	for (size_t i = 0; commit && i < json_array_size(list); i++) {
		const char *id = json_string_value(json_array_get(list, i));

		if (id && strlen(id) >= COMMIT_TEXT) {
			*count = 0;
			break;
		}
		if (id)
			commit[(*count)++] = id;
	}
	return commit;
}

/* `what`, for the log: "revert". The author is who asked. */
static void begin_revert(struct agent *agent, const struct control_request *request,
                         struct history_revert *revert, const char *what)
{
	struct waiting *waiting = waiting_new(agent, request);
	int error;

	if (!waiting)
		return;
	revert->author = waiting->by;
	snprintf(waiting->what, sizeof(waiting->what), "%s of %.100s", what, revert->name);
	error = ledger_revert(agent->ledger, revert, on_outcome, waiting);
	if (error) {
		waiting_free(waiting);
		control_fail(agent->control, request->client, "%s: %s", revert->name,
		             error == -EINVAL ? "invalid commit id" : strerror(-error));
	}
}

static void command_revert(struct agent *agent, const struct control_request *request)
{
	struct history_revert revert = {.name = control_text(request, "name"),
	                                .message = control_text(request, "message"),
	                                .confirmed = mass_confirmed(request)};
	const char **commit =
	        commits_of(json_object_get(request->body, "commits"), &revert.commits);

	revert.commit = commit;
	if (!waiting_is_line(agent, request, "name") || !waiting_has_message(agent, request))
		goto out;
	if (!revert.name || revert.commits == 0) {
		control_fail(agent->control, request->client,
		             "revert: name a task or a commit, and give the ids of its commits");
		goto out;
	}
	begin_revert(agent, request, &revert, "revert");
out:
	free(commit);
}

/* What the node of the fleet has in the table ends, or becomes this node's. */
static void command_retire(struct agent *agent, const struct control_request *request)
{
	struct history_revert retire = {.name = control_text(request, "node"),
	                                .message = control_text(request, "message"),
	                                .confirmed = mass_confirmed(request),
	                                .retire = true};

	if (!retire.name || !node_name_is_valid(retire.name)) {
		control_fail(agent->control, request->client, "retire: name a node");
		return;
	}
	if (waiting_has_message(agent, request))
		begin_revert(agent, request, &retire, "retirement");
}

/* For every user: the agent only looks at what is in the repository already. */
static void command_reconcile(struct agent *agent, const struct control_request *request)
{
	const char *ref = control_text(request, "ref");

	if (ref && strlen(ref) > REF_MAX) {
		control_fail(agent->control, request->client,
		             "reconcile: the name of a reference has at most %d bytes", REF_MAX);
		return;
	}
	if (ref && strncmp(ref, "refs/heads/merge/", strlen("refs/heads/merge/")) != 0)
		ref = NULL;
	if (request->may_change)
		merge_branch(agent, request, ref, false);
	else
		reconciler_ask(agent, request->client, ref);
}

static void refuse_change(const struct agent *agent, const struct control_request *request,
                          const char *command)
{
	const char *group = agent->config.operators;

	if (group)
		control_fail(agent->control, request->client,
		             "%s: only root, the agent's own user and members of the group %s "
		             "(agent.operators) may do this",
		             command, group);
	else
		control_fail(agent->control, request->client,
		             "%s: only root and the agent's own user may do this; agent.operators "
		             "names a group whose members may, too",
		             command);
}

int commands_stop(struct agent *agent, bool keep, struct fault *fault)
{
	int error = 0;

	renew_finish(agent);
	if (agent->stopping)
		return 0;
	agent->stopping = true;
	agent->keep = keep;
	if (!keep) {
		error = ports_detach(agent->ports, fault);
		kernel_withdraw(agent->kernel);
		/* What stays attached is found by its pins. */
		if (!error)
			error = offload_unpin(agent->offload, fault);
		agent->failed = error != 0;
	}
	uv_stop(&agent->loop);
	return error;
}

static json_t *attached_names(const struct agent *agent, bool keep)
{
	json_t *names = json_array();

	for (size_t i = 0; !keep && i < agent->ports->count; i++)
		if (agent->ports->port[i].offload)
			json_array_append_new(names, json_string(agent->ports->port[i].name));
	return names;
}

/* The ports of `names` that could not be detached; they leave that list. */
static json_t *left_on(const struct agent *agent, bool keep, json_t *names)
{
	json_t *left = json_array();

	for (size_t i = 0; !keep && i < agent->ports->count; i++) {
		const struct agent_port *port = &agent->ports->port[i];

		if (!port->offload)
			continue;
		json_array_append_new(left, json_pack("{s:s, s:s}", "interface", port->name,
		                                      "reason", port->reason));
		for (size_t name = json_array_size(names); name-- > 0;)
			if (!strcmp(json_string_value(json_array_get(names, name)), port->name))
				json_array_remove(names, name);
	}
	return left;
}

static void command_stop(struct agent *agent, const struct control_request *request)
{
	char by[PERSON_TEXT];
	bool keep = json_is_true(json_object_get(request->body, "keep"));
	json_t *detached, *left;
	struct fault fault = {0};
	int error;

	if (!person_of(by, agent, request))
		return;
	detached = attached_names(agent, keep);
	error = commands_stop(agent, keep, &fault);
	left = left_on(agent, keep, detached);
	if (error)
		log_error("%s", fault.text);
	if (error && !json_array_size(left)) {
		json_decref(detached);
		json_decref(left);
		control_fail(agent->control, request->client, "%s", fault.text);
		return;
	}
	log_info("%s by %s", keep ? "stop --keep" : "stop", by);
	control_reply(agent->control, request->client,
	              json_pack("{s:b, s:i, s:s, s:o, s:o}", "ok", 1, "pid", (int)getpid(),
	                        "instance", agent->config.instance, "detached", detached, "left",
	                        left));
}

void commands_handle(void *context, const struct control_request *request)
{
	static const struct {
		const char *name;
		bool changes;
		void (*run)(struct agent *agent, const struct control_request *request);
	} command[] = {
	        {"status", false, report_status}, {"show", false, report_show},
	        {"stats", false, report_stats},   {"watch", false, report_watch},
	        {"set", true, set_command},       {"unset", true, set_command_unset},
	        {"revert", true, command_revert}, {"import", true, importer_command},
	        {"merge", true, command_merge},   {"reconcile", false, command_reconcile},
	        {"reload", true, reload_command}, {"stop", true, command_stop},
	        {"sync", true, fleet_command},    {"synced", false, fleet_synced},
	        {"retire", true, command_retire},
	};
	struct agent *agent = context;
	const char *name = control_text(request, "command");

	for (size_t i = 0; name && i < sizeof(command) / sizeof(command[0]); i++) {
		if (strcmp(name, command[i].name) != 0)
			continue;
		/* The agent answers nothing before it runs, and after it began to stop. */
		if (!agent->ready || agent->stopping)
			control_fail(agent->control, request->client, "the agent is %s",
			             agent->stopping ? "stopping" : "starting: ask again");
		else if (command[i].changes && !request->may_change)
			refuse_change(agent, request, name);
		else
			command[i].run(agent, request);
		return;
	}
	control_fail(agent->control, request->client, "unknown command '%s'", name ? name : "");
}
