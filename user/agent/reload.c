/* SPDX-License-Identifier: MIT */
#include "agent/reload.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "agent/person.h"
#include "agent/prefixes.h"
#include "agent/publish.h"
#include "agent/renew.h"

#define TRY_MS      20
#define PATIENCE_MS 5000 /* for what is under way */

/* --- what changes ------------------------------------------------------------------------------
 */

static void add_line(void *context, const char *line)
{
	json_array_append_new(context, json_string(line));
}

/* All of what cannot be changed, in one sentence. */
static int check_refused(const struct config *now, const struct config *next, struct fault *fault)
{
	json_t *refused = json_array();
	char list[FAULT_TEXT / 2] = "";
	const json_t *line;
	size_t index, length = 0;
	int error = 0;

	config_compare(now, next, CONFIG_FIXED, add_line, refused);
	json_array_foreach (refused, index, line) {
		if (length < sizeof(list))
			length += (size_t)snprintf(list + length, sizeof(list) - length, "%s%s",
			                           index ? "; " : "", json_string_value(line));
	}
	if (json_array_size(refused) > 0)
		error = fault_set(fault, -EPERM,
		                  "this cannot be changed while the agent runs: %s. Nothing is "
		                  "changed; restart the agent for it, which loses no request",
		                  list);
	json_decref(refused);
	return error;
}

/* `readers`: also that a client reads the table. One that does not read on is not waited for. */
static const char *what_is_under_way(struct agent *agent, bool readers)
{
	struct history_status status;

	ledger_status(agent->ledger, &status);
	if (status.trouble[0])
		return "history cannot be written, and what waits for it would be lost";
	if (agent->importer.import)
		return "an import is under way";
	if (agent->proposals.proposal || agent->reconciler.first)
		return "a merge is under way";
	if (readers && agent->shows)
		return "a client reads the table";
	return NULL;
}

/* --- its life ----------------------------------------------------------------------------------
 */

static void end(struct agent *agent)
{
	struct reloading *reloading = &agent->reloading;

	uv_timer_stop(&reloading->timer);
	config_clear(&reloading->config);
	json_decref(reloading->changes);
	reloading->changes = NULL;
	reloading->pending = reloading->follows = false;
	reloading->client = 0;
}

static void fail(struct agent *agent, const char *why)
{
	char line[FAULT_TEXT + 64];

	if (agent->reloading.client) {
		control_fail(agent->control, agent->reloading.client, "%s", why);
	} else {
		snprintf(line, sizeof(line), "the configuration is not changed: %s", why);
		publish_notice(agent, line);
	}
}

static json_t *answer(const struct agent *agent, json_t *changes, bool dry)
{
	return json_pack("{s:b, s:s?, s:[], s:O, s:b}", "ok", 1, "config", agent->config_path,
	                 "problems", "changes", changes, "applied", !dry);
}

/* All that is wrong with the file. */
static json_t *answer_problems(const struct agent *agent, const struct config_problems *problems)
{
	json_t *list = json_array();

	for (size_t i = 0; i < problems->items; i++) {
		const struct config_problem *problem = &problems->item[i];

		json_array_append_new(
		        list, json_pack("{s:o, s:s}", "line",
		                        problem->line ? json_integer(problem->line) : json_null(),
		                        "reason", problem->reason));
	}
	return json_pack("{s:b, s:s?, s:o, s:[], s:b}", "ok", 1, "config", agent->config_path,
	                 "problems", list, "changes", "applied", 0);
}

static void tell(struct agent *agent, json_t *changes)
{
	const json_t *change;
	size_t index;
	char line[FAULT_TEXT];

	json_array_foreach (changes, index, change) {
		snprintf(line, sizeof(line), "configuration: %s", json_string_value(change));
		publish_notice(agent, line);
	}
	if (agent->reloading.client)
		control_reply(agent->control, agent->reloading.client,
		              answer(agent, changes, false));
}

static void on_done(struct agent *agent, int error, const struct fault *fault)
{
	struct reloading *reloading = &agent->reloading;

	if (error) {
		fail(agent, fault->text);
	} else {
		size_t changes = json_array_size(reloading->changes);

		log_info("reload by %s: %zu change%s, within %llu ms", reloading->by, changes,
		         text_plural(changes),
		         (unsigned long long)(uv_hrtime() - reloading->begun_ns) / 1000000);
		tell(agent, reloading->changes);
	}
	end(agent);
}

static void become(struct agent *agent)
{
	struct reloading *reloading = &agent->reloading;
	struct successor *next = NULL;
	struct fault fault = {""};
	int error;

	reloading->begun_ns = uv_hrtime();
	error = renew_prepare(&next, agent, &reloading->config, &fault);
	if (error)
		on_done(agent, error, &fault);
	else
		renew_become(agent, next, on_done);
}

static void on_timer(uv_timer_t *timer)
{
	struct agent *agent = timer->data;
	struct reloading *reloading = &agent->reloading;
	bool over = uv_now(timer->loop) - reloading->since_ms >= PATIENCE_MS;
	const char *busy = what_is_under_way(agent, !over);
	char why[FAULT_TEXT];

	if (agent->stopping)
		return;
	if (!busy) {
		become(agent);
	} else if (!over) {
		uv_timer_start(timer, on_timer, TRY_MS, 0);
	} else if (reloading->follows) {
		reloading->look = true; /* it is tried again */
		end(agent);
	} else {
		snprintf(why, sizeof(why), "%s: nothing is changed; try again when that has ended",
		         busy);
		fail(agent, why);
		end(agent);
	}
}

/* Takes over both. `by`: for the log. */
static void begin(struct agent *agent, struct config *config, json_t *changes, const char *by)
{
	struct reloading *reloading = &agent->reloading;

	snprintf(reloading->by, sizeof(reloading->by), "%s", by);
	reloading->config = *config;
	*config = (struct config){0};
	reloading->changes = changes;
	reloading->pending = true;
	reloading->since_ms = uv_now(&agent->loop);
	uv_timer_start(&reloading->timer, on_timer, 0, 0);
}

/* A history in memory is where the agent put it. */
static int place_history(const struct agent *agent, struct config *config, struct fault *fault)
{
	if (!agent->memory || !config->history_path ||
	    strcmp(config->history_path, CONFIG_MEMORY) != 0)
		return 0;
	free(config->history_path);
	config->history_path = strdup(agent->config.history_path);
	return config->history_path ? 0 : fault_set(fault, -ENOMEM, "out of memory");
}

/* The configuration as the file has it now, and what that changes (the caller's); or what is wrong
 * with the file. */
static int read_again(struct agent *agent, struct config *config, json_t **changes,
                      struct config_problems *problems, struct fault *fault)
{
	struct successor *next = NULL;
	struct config copy = {0};
	int error;

	*changes = json_array();
	if (agent->reloading.pending)
		return fault_set(fault, -EBUSY, "another change is under way: try again");
	error = agent->configure
	                ? agent->configure(agent->configure_context, config, problems, fault)
	                : fault_set(fault, -ENOENT, "there is no configuration to read again");
	if (!error)
		error = place_history(agent, config, fault);
	if (!error)
		error = check_refused(&agent->config, config, fault);
	if (!error && config_copy(&copy, config))
		error = fault_set(fault, -ENOMEM, "out of memory");
	/* Tried now, for its prefixes and its faults; and again when it is its turn. */
	if (!error)
		error = renew_prepare(&next, agent, &copy, fault);
	if (error)
		return error;
	config_compare(&agent->config, renew_config(next), CONFIG_CHANGEABLE, add_line, *changes);
	renew_drop(next);
	return 0;
}

void reload_command(struct agent *agent, const struct control_request *request)
{
	bool dry = json_is_true(json_object_get(request->body, "dry"));
	struct config_problems problems = {0};
	struct config config = {0};
	struct fault fault = {""};
	char by[PERSON_TEXT];
	json_t *changes;
	int error;

	if (!person_of(by, agent, request))
		return;
	error = read_again(agent, &config, &changes, &problems, &fault);
	if (problems.items > 0) {
		control_reply(agent->control, request->client, answer_problems(agent, &problems));
	} else if (error) {
		control_fail(agent->control, request->client, "%s", fault.text);
	} else if (dry || json_array_size(changes) == 0) {
		control_reply(agent->control, request->client, answer(agent, changes, dry));
	} else {
		agent->reloading.client = request->client;
		begin(agent, &config, changes, by);
		return;
	}
	json_decref(changes);
	problems_clear(&problems);
	config_clear(&config);
}

void reload_from_signal(struct agent *agent)
{
	struct config_problems problems = {0};
	struct config config = {0};
	struct fault fault = {""};
	json_t *changes;
	int error;

	if (!agent->ready || agent->stopping)
		return;
	error = read_again(agent, &config, &changes, &problems, &fault);
	if (problems.items > 0)
		error = problems_say(&problems, agent->config_path, &fault);
	problems_clear(&problems);
	if (!error && json_array_size(changes) > 0) {
		begin(agent, &config, changes, "signal");
		return;
	}
	if (error)
		log_error("the configuration is not changed: %s", fault.text);
	else
		log_info("the configuration is as it was");
	json_decref(changes);
	config_clear(&config);
}

void reload_follow(struct agent *agent)
{
	struct reloading *reloading = &agent->reloading;
	struct config config;
	int added;

	if (reloading->pending || !reloading->look || config_copy(&config, &agent->config))
		return;
	reloading->look = false;
	added = prefixes_fill(&config, agent->ports);
	if (added > 0) {
		json_t *changes = json_array();

		config_compare(&agent->config, &config, CONFIG_CHANGEABLE, add_line, changes);
		begin(agent, &config, changes, "an interface's address");
		reloading->follows = true;
	}
	config_clear(&config);
}

void reload_init(struct agent *agent)
{
	uv_timer_init(&agent->loop, &agent->reloading.timer);
	agent->reloading.timer.data = agent;
}

void reload_clear(struct agent *agent)
{
	config_clear(&agent->reloading.config);
	json_decref(agent->reloading.changes);
}
