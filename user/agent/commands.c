/* SPDX-License-Identifier: MIT */
/*
 * The table of commands, and those that change something or wait for history. Those that only
 * report are in report.c.
 */
#include "agent/commands.h"

#include <errno.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "agent/clock.h"
#include "agent/importer.h"
#include "agent/kernel.h"
#include "agent/place.h"
#include "agent/reconciler.h"
#include "agent/reload.h"
#include "agent/report.h"

#define REF_MAX 1023

/* An answer that waits until the change is durable. */
struct waiting {
	struct waiting *next;
	struct agent *agent;
	uint64_t since_ms;
	bool answered; /* with an error, while history is in trouble */
	uint64_t client;
	unsigned segment;
	uint32_t address;
	struct mac mac; /* zero: unset */
	bool changed;
};

static struct waiting *waiting_new(struct agent *agent, const struct control_request *request)
{
	struct waiting *waiting = calloc(1, sizeof(*waiting));

	if (!waiting) {
		control_fail(agent->control, request->client, "out of memory");
		return NULL;
	}
	waiting->agent = agent;
	waiting->client = request->client;
	waiting->since_ms = uv_now(&agent->loop);
	waiting->next = agent->waiting;
	agent->waiting = waiting;
	return waiting;
}

static void waiting_free(struct waiting *waiting)
{
	struct waiting **link = &waiting->agent->waiting;

	while (*link != waiting)
		link = &(*link)->next;
	*link = waiting->next;
	free(waiting);
}

/* With a full disk, say, the change is kept, and the client gets the reason. */
void commands_beat(struct agent *agent)
{
	struct history_status status;

	if (!agent->waiting && !agent->reconciler.first && !importer_is_waiting(agent))
		return;
	ledger_status(agent->ledger, &status);
	importer_beat(agent, status.trouble);
	reconciler_beat(agent, status.trouble);
	if (!status.trouble[0])
		return;
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

static void on_durable(void *argument, int status, const char *commit)
{
	struct waiting *waiting = argument;
	struct agent *agent = waiting->agent;
	char address[IPV4_TEXT], mac[MAC_TEXT];
	json_t *body;

	ipv4_format(address, waiting->address);
	if (waiting->answered) {
		log_info("%s: recorded after all, commit %s", address, commit);
	} else if (status) {
		control_fail(agent->control, waiting->client,
		             "%s: the table has it, but history could not write it: %s", address,
		             strerror(-status));
	} else {
		body = json_pack("{s:b, s:s, s:s, s:s, s:b}", "ok", 1, "segment",
		                 agent->config.segment[waiting->segment].name, "address", address,
		                 "commit", commit, "changed", waiting->changed);
		if (!mac_is_zero(waiting->mac))
			json_object_set_new(body, "mac",
			                    json_string(mac_format(mac, waiting->mac)));
		control_reply(agent->control, waiting->client, body);
	}
	waiting_free(waiting);
}

/* The request's address and its segment; on error the client is answered. */
static int find_target(struct agent *agent, const struct control_request *request,
                       unsigned *segment, uint32_t *address)
{
	const char *text = control_text(request, "address");
	struct fault fault = {""};
	int error;

	if (!text || ipv4_parse(address, text)) {
		control_fail(agent->control, request->client,
		             "'%s' is not an IPv4 address like 10.0.3.17", text ? text : "");
		return -EINVAL;
	}
	error = place_find(segment, agent, control_text(request, "segment"), *address, &fault);
	if (error)
		control_fail(agent->control, request->client, "%s", fault.text);
	return error;
}

/* Whether a text of the request, if it is there, is one line that history can take: a commit has
 * it. If not, the client is answered. */
static bool is_line(struct agent *agent, const struct control_request *request, const char *key)
{
	const char *text = control_text(request, key);
	struct fault fault = {""};

	if (!text || entry_check_text(key, text, &fault) == 0)
		return true;
	control_fail(agent->control, request->client, "%s", fault.text);
	return false;
}

/* Declares, and answers once it is durable: also without a change, since the binding may still be
 * on its way to the disk. */
static void declare(struct agent *agent, const struct control_request *request,
                    struct waiting *waiting, const struct entry *after)
{
	struct neighbour_clock clock = clock_now();
	const struct passwd *user = getpwuid(request->uid);
	struct operator_context by = {
	        .kind = TASK_OPERATOR,
	        .author = user ? user->pw_name : NULL,
	        .message = control_text(request, "message"),
	        .done = on_durable,
	        .argument = waiting,
	};
	uint64_t task;
	int result;

	waiting->changed = true;
	agent->by = &by;
	result = neighbour_declare(agent->neighbour, waiting->segment, waiting->address, after,
	                           &clock);
	agent->by = NULL;
	if (result < 0) {
		waiting_free(waiting);
		control_fail(agent->control, request->client, "%s: %s",
		             control_text(request, "address"), place_why(result));
		return;
	}
	if (result > 0) {
		waiting->changed = false;
		task = ledger_begin(agent->ledger, task_kind_name(TASK_OPERATOR));
		ledger_end(agent->ledger, task, on_durable, waiting);
	}
	clock_wake(agent);
}

static void command_set(struct agent *agent, const struct control_request *request)
{
	const char *mac = control_text(request, "mac"), *note = control_text(request, "note");
	struct neighbour_clock clock = clock_now();
	struct entry after = {.state = ENTRY_STATIC, .since = clock.wall, .note = (char *)note};
	struct neighbour_view view = {0};
	struct waiting *waiting;
	unsigned segment;
	uint32_t address;

	if (!is_line(agent, request, "note") || !is_line(agent, request, "message") ||
	    find_target(agent, request, &segment, &address))
		return;
	if (!mac || mac_parse(&after.mac, mac) || !mac_is_station(after.mac)) {
		control_fail(agent->control, request->client,
		             "'%s' is not the MAC of a station, like 02:50:2a:16:6d:01",
		             mac ? mac : "");
		return;
	}
	waiting = waiting_new(agent, request);
	if (!waiting)
		return;
	neighbour_view(agent->neighbour, segment, address, &view);
	if (view.entry && view.entry->state == ENTRY_STATIC &&
	    mac_equal(view.entry->mac, after.mac)) {
		/* The same binding: only a new note changes it. */
		after.since = view.entry->since;
		after.origin = view.entry->origin;
		after.extra = view.entry->extra;
		if (!note)
			after.note = view.entry->note;
	}
	waiting->segment = segment;
	waiting->address = address;
	waiting->mac = after.mac;
	declare(agent, request, waiting, &after);
}

static void command_unset(struct agent *agent, const struct control_request *request)
{
	struct waiting *waiting;
	unsigned segment;
	uint32_t address;

	if (!is_line(agent, request, "message") || find_target(agent, request, &segment, &address))
		return;
	waiting = waiting_new(agent, request);
	if (!waiting)
		return;
	waiting->segment = segment;
	waiting->address = address;
	declare(agent, request, waiting, NULL);
}

static void on_outcome(void *argument, const struct history_outcome *outcome)
{
	struct waiting *waiting = argument;

	if (waiting->answered)
		log_info("merged after all: %s", outcome->text);
	else if (outcome->status)
		control_fail(waiting->agent->control, waiting->client, "%s", outcome->text);
	else
		control_reply(waiting->agent->control, waiting->client,
		              json_pack("{s:b, s:s, s:I, s:I, s:s}", "ok", 1, "commit",
		                        outcome->commit, "applied", (json_int_t)outcome->applied,
		                        "chosen", (json_int_t)outcome->chosen, "text",
		                        outcome->text));
	waiting_free(waiting);
}

static void merge_branch(struct agent *agent, const struct control_request *request,
                         const char *branch)
{
	struct waiting *waiting = waiting_new(agent, request);
	int error;

	if (!waiting)
		return;
	error = ledger_merge(agent->ledger, branch, on_outcome, waiting);
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
		merge_branch(agent, request, branch);
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

static void command_revert(struct agent *agent, const struct control_request *request)
{
	const struct passwd *user = getpwuid(request->uid);
	struct history_revert revert = {.name = control_text(request, "name"),
	                                .author = user ? user->pw_name : NULL,
	                                .message = control_text(request, "message")};
	const char **commit =
	        commits_of(json_object_get(request->body, "commits"), &revert.commits);
	struct waiting *waiting;
	int error;

	revert.commit = commit;
	if (!is_line(agent, request, "name") || !is_line(agent, request, "message"))
		goto out;
	if (!revert.name || revert.commits == 0) {
		control_fail(agent->control, request->client,
		             "revert: name a task or a commit, and give the ids of its commits");
		goto out;
	}
	waiting = waiting_new(agent, request);
	if (!waiting)
		goto out;
	error = ledger_revert(agent->ledger, &revert, on_outcome, waiting);
	if (error) {
		waiting_free(waiting);
		control_fail(agent->control, request->client, "%s: %s", revert.name,
		             error == -EINVAL ? "invalid commit id" : strerror(-error));
	}
out:
	free(commit);
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
		merge_branch(agent, request, ref);
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

	if (agent->stopping)
		return 0;
	if (!keep && (error = ports_detach(agent->ports, fault)))
		return error;
	agent->stopping = true;
	agent->keep = keep;
	if (!keep) {
		kernel_withdraw(agent->kernel);
		error = offload_unpin(agent->offload, fault);
	}
	uv_stop(&agent->loop);
	return error;
}

static void command_stop(struct agent *agent, const struct control_request *request)
{
	bool keep = json_is_true(json_object_get(request->body, "keep"));
	json_t *detached = json_array();
	struct fault fault = {0};
	int error;

	for (size_t i = 0; !keep && i < agent->ports->count; i++)
		if (agent->ports->port[i].offload)
			json_array_append_new(detached, json_string(agent->ports->port[i].name));
	error = commands_stop(agent, keep, &fault);
	if (error) {
		json_decref(detached);
		control_fail(agent->control, request->client, "%s", fault.text);
		return;
	}
	control_reply(agent->control, request->client,
	              json_pack("{s:b, s:i, s:s, s:o}", "ok", 1, "pid", (int)getpid(), "instance",
	                        agent->config.instance, "detached", detached));
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
	        {"set", true, command_set},       {"unset", true, command_unset},
	        {"revert", true, command_revert}, {"import", true, importer_command},
	        {"merge", true, command_merge},   {"reconcile", false, command_reconcile},
	        {"reload", true, reload_command}, {"stop", true, command_stop},
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
