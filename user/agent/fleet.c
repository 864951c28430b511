/* SPDX-License-Identifier: MIT */
/* Schedules exchanges, and keeps what became of them. It knows nothing of git. */
#include "agent/fleet.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "agent/alerts.h"
#include "agent/exchange.h"
#include "agent/publish.h"

#define BRANCHES    "refs/heads/node/"
#define TIMEOUT_MS  600000 /* of an exchange: a first fetch may be large */
#define GRACE_MS    10000  /* more, until its courier kills it */
#define MOST_MS     60000  /* between two exchanges, unless poll is more */
#define ASKED_POLLS 6      /* or so many polls, where people may ask for something */
#define LEAST_MS    1000   /* pushes are coalesced to one in that time */
#define LOOK_MS     200    /* so often: whether history has published something */
#define A_MINUTE    60     /* exchanges */
#define LOST_MS     3000   /* from the end of a process to its report */

/* A client of `sync`. */
struct sync_waiter {
	struct sync_waiter *next;
	uint64_t client;
	json_t *results;   /* owned */
	unsigned pending;  /* remotes */
	uint64_t awaits[]; /* the exchange's number, by remote; 0: none, or it is done */
};

struct fleet_sync {
	struct agent *agent;
	struct exchange *remote; /* owned */
	size_t remotes;
	uv_timer_t look;
	uint64_t published; /* as history last said */
	struct sync_waiter *waiter;
	struct fleet_look *look_first; /* under way */
	bool begun;
};

/* A look of history's after an exchange. */
struct fleet_look {
	struct fleet_look *next;
	struct agent *agent;
	size_t remote;
	uint64_t serial;
	json_t *report; /* owned */
};

/* --- when --------------------------------------------------------------------------------------
 */

static void on_due(uv_timer_t *timer);

/* Give or take a quarter, so that nodes that started together do not ask together. */
static uint64_t with_jitter(uint64_t ms)
{
	uint32_t random = UINT32_MAX / 2;

	(void)uv_random(NULL, NULL, &random, sizeof(random), 0, NULL);
	return ms * 3 / 4 + ms / 2 * (random >> 16) / 65536;
}

static void schedule(struct exchange *remote, uint64_t ms)
{
	uv_timer_start(&remote->timer, on_due, ms, 0);
}

/* Within a second of the last one's begin, or at once. */
static void hurry(struct fleet_sync *sync, struct exchange *remote)
{
	uint64_t now = uv_now(&sync->agent->loop), due = remote->begun_ms + LEAST_MS;

	if (remote->running)
		remote->again = true;
	else if (sync->begun)
		schedule(remote, remote->serial && due > now ? due - now : 0);
}

/* --- waiters -----------------------------------------------------------------------------------
 */

/* Takes `result` over. */
static void answer(struct fleet_sync *sync, size_t index, uint64_t serial, json_t *result)
{
	for (struct sync_waiter **link = &sync->waiter; *link;) {
		struct sync_waiter *waiter = *link;

		if (waiter->awaits[index] && waiter->awaits[index] <= serial) {
			waiter->awaits[index] = 0;
			waiter->pending--;
			json_array_append(waiter->results, result);
		}
		if (waiter->pending) {
			link = &waiter->next;
			continue;
		}
		*link = waiter->next;
		control_reply(sync->agent->control, waiter->client,
		              json_pack("{s:b, s:o}", "ok", 1, "remotes", waiter->results));
		free(waiter);
	}
	json_decref(result);
}

static void look_free(struct fleet_look *look)
{
	struct fleet_look **link = &look->agent->fleet->look_first;

	while (*link != look)
		link = &(*link)->next;
	*link = look->next;
	free(look);
}

static void on_looked(void *argument, const struct history_outcome *outcome)
{
	struct fleet_look *look = argument;

	(void)outcome; /* it has words of its own, for `watch` and the log */
	answer(look->agent->fleet, look->remote, look->serial, look->report);
	look_free(look);
}

/* What was fetched is in the table before those who wait hear of it. Takes `report` over. */
static void look_at_it(struct fleet_sync *sync, const struct exchange *remote, json_t *report)
{
	struct agent *agent = sync->agent;
	struct fleet_look *look = calloc(1, sizeof(*look));
	size_t index = (size_t)(remote - sync->remote);

	if (look && agent->ledger) {
		*look = (struct fleet_look){sync->look_first, agent, index, remote->serial, report};
		sync->look_first = look;
		if (ledger_merge(agent->ledger, NULL, 0, on_looked, look) == 0)
			return;
		sync->look_first = look->next;
	}
	free(look);
	answer(sync, index, remote->serial, report);
}

/* --- an exchange -------------------------------------------------------------------------------
 */

static void finish(struct fleet_sync *sync, struct exchange *remote, bool quiet)
{
	uint64_t poll = remote->config->poll_ms, most = poll > MOST_MS ? poll : MOST_MS;

	/* People wait for what this node makes of their requests. */
	if (remote->config->operators && most > ASKED_POLLS * poll)
		most = ASKED_POLLS * poll;
	remote->running = false;
	if (!quiet)
		remote->wait_ms = remote->config->poll_ms;
	else if (remote->wait_ms < most)
		remote->wait_ms = remote->wait_ms * 2 < most ? remote->wait_ms * 2 : most;
	if (remote->again)
		hurry(sync, remote);
	else
		schedule(remote, with_jitter(remote->wait_ms));
	remote->again = false;
}

/* No report came of it. */
static void fail(struct fleet_sync *sync, struct exchange *remote, const char *why)
{
	exchange_failed(remote, why);
	finish(sync, remote, true);
	answer(sync, (size_t)(remote - sync->remote), remote->serial,
	       json_pack("{s:s, s:s}", "remote", remote->config->name, "error", why));
}

static json_t *patterns(const struct agent *agent, const struct config_remote *remote)
{
	json_t *list = json_array();

	if (remote->fetch == FETCH_ALL)
		json_array_append_new(list, json_string(BRANCHES "*/*"));
	for (size_t s = 0; remote->fetch == FETCH_SEGMENTS && s < agent->config.segments; s++)
		if (agent->config.segment[s].share != CONFIG_SHARE_OFF)
			json_array_append_new(
			        list, json_sprintf(BRANCHES "%s/*", agent->config.segment[s].name));
	return list;
}

static char *request_of(const struct agent *agent, struct exchange *remote)
{
	const struct config_remote *config = remote->config;
	json_t *own = json_array(), *push = json_array(), *request;
	char *text;

	if (config->push != PUSH_OFF)
		json_array_append_new(own, json_sprintf(BRANCHES "*/%s", agent->config.fleet));
	if (config->push == PUSH_RELAY)
		json_array_append_new(push, json_string(BRANCHES "*/*"));
	request = json_pack("{s:s, s:s, s:s, s:o, s:o, s:o, s:o, s:i, s:s, s:I}", "remote",
	                    config->name, "node", agent->config.fleet, "url", config->url, "fetch",
	                    patterns(agent, config), "push", push, "own", own, "skip",
	                    exchange_skip(remote), "timeout", TIMEOUT_MS, "control",
	                    agent->config.control, "serial", (json_int_t)remote->serial);
	if (exchange_looks(remote))
		json_object_set_new(request, "seen", json_true());
	if (config->operators)
		json_object_set_new(request, "operators", exchange_operators(remote));
	text = request ? json_dumps(request, JSON_COMPACT) : NULL;
	json_decref(request);
	return text;
}

static void begin(struct fleet_sync *sync, struct exchange *remote)
{
	struct courier_counts counts = {0};
	char *text;
	int error;

	remote->serial++;
	remote->begun_ms = uv_now(&sync->agent->loop);
	remote->ended_ms = 0;
	remote->running = true;
	remote->again = false;
	text = request_of(sync->agent, remote);
	if (remote->courier)
		courier_count(remote->courier, &counts);
	remote->runs = counts.passed + counts.failed + counts.dropped;
	error = !text             ? -ENOMEM
	        : remote->courier ? courier_send(remote->courier, text, false)
	                          : -EPIPE;
	free(text);
	if (error == -EPIPE && remote->courier) {
		courier_close(remote->courier);
		remote->courier = NULL;
	}
	if (error)
		fail(sync, remote,
		     error == -EPIPE ? "the process that exchanges with it has ended: restart the "
		                       "agent, which loses no request"
		                     : strerror(-error));
	else
		schedule(remote, LEAST_MS);
}

/* While an exchange runs, once a second: whether its process ended without a report. */
static void watch(struct fleet_sync *sync, struct exchange *remote)
{
	uint64_t now = uv_now(&sync->agent->loop);
	struct courier_counts counts;

	courier_count(remote->courier, &counts);
	if (!remote->ended_ms && counts.passed + counts.failed + counts.dropped > remote->runs)
		remote->ended_ms = now;
	if ((remote->ended_ms && now - remote->ended_ms >= LOST_MS) ||
	    now - remote->begun_ms >= TIMEOUT_MS + 2 * GRACE_MS)
		fail(sync, remote, "its process ended without a report: the log has its words");
	else
		schedule(remote, LEAST_MS);
}

static void on_due(uv_timer_t *timer)
{
	struct exchange *remote = timer->data;
	struct agent *agent = remote->agent;

	if (agent->stopping || !agent->fleet)
		return;
	if (remote->running)
		watch(agent->fleet, remote);
	else
		begin(agent->fleet, remote);
}

/* Whether this node has said something. */
static void on_look(uv_timer_t *timer)
{
	struct agent *agent = timer->data;
	struct fleet_sync *sync = agent->fleet;
	struct history_status status;

	if (!sync || !agent->ledger || agent->stopping)
		return;
	ledger_status(agent->ledger, &status);
	if (status.fleet.published == sync->published)
		return;
	sync->published = status.fleet.published;
	for (size_t i = 0; i < sync->remotes; i++)
		if (sync->remote[i].config->push != PUSH_OFF)
			hurry(sync, &sync->remote[i]);
}

/* --- begin and end -----------------------------------------------------------------------------
 */

static int open_courier(struct agent *agent, struct exchange *remote, struct fault *fault)
{
	/* Of the courier's process: it has a copy of all this. */
	const char *const arguments[] = {"hook", "sync", "--repo", agent->config.history_path,
	                                 NULL};
	const struct courier_options options = {.user = &agent->recorder_user,
	                                        .command = agent->program,
	                                        .arguments = arguments,
	                                        .label = remote->label,
	                                        .failed = "nothing was exchanged",
	                                        .limit_ms = TIMEOUT_MS + GRACE_MS,
	                                        .window_ms = 60000,
	                                        .runs = A_MINUTE};

	snprintf(remote->label, sizeof(remote->label), "remote %s", remote->config->name);
	return courier_open(&remote->courier, &options, fault);
}

int fleet_prepare(struct agent *agent, struct fault *fault)
{
	struct fleet_sync *sync;
	int error = 0;

	if (!agent->config.fleet || !agent->config.remotes)
		return 0;
	sync = calloc(1, sizeof(*sync));
	if (sync)
		sync->remote = calloc(agent->config.remotes, sizeof(*sync->remote));
	if (!sync || !sync->remote) {
		free(sync);
		return fault_set(fault, -ENOMEM, "out of memory");
	}
	if (agent->recorder_user.uid == 0)
		log_warning("history is exchanged with the fleet's remotes by root: make a "
		            "user " SANDBOX_USER ", or name another with agent.recorder-user");
	agent->fleet = sync;
	sync->agent = agent;
	for (; sync->remotes < agent->config.remotes && !error; sync->remotes++) {
		struct exchange *remote = &sync->remote[sync->remotes];

		remote->agent = agent;
		remote->config = &agent->config.remote[sync->remotes];
		remote->wait_ms = remote->config->poll_ms;
		error = open_courier(agent, remote, fault);
	}
	return error;
}

void fleet_begin(struct agent *agent)
{
	struct fleet_sync *sync = agent->fleet;

	if (!sync)
		return;
	sync->begun = true;
	for (size_t i = 0; i < sync->remotes; i++) {
		uv_timer_init(&agent->loop, &sync->remote[i].timer);
		sync->remote[i].timer.data = &sync->remote[i];
		schedule(&sync->remote[i], 0);
	}
	uv_timer_init(&agent->loop, &sync->look);
	sync->look.data = agent;
	uv_timer_start(&sync->look, on_look, LOOK_MS, LOOK_MS);
}

void fleet_end(struct agent *agent)
{
	struct fleet_sync *sync = agent->fleet;

	for (size_t i = 0; sync && i < sync->remotes; i++) {
		courier_close(sync->remote[i].courier);
		sync->remote[i].courier = NULL;
	}
}

void fleet_clear(struct agent *agent)
{
	struct fleet_sync *sync = agent->fleet;

	if (!sync)
		return;
	fleet_end(agent);
	for (struct fleet_look *look = sync->look_first, *next; look; look = next) {
		next = look->next;
		json_decref(look->report);
		free(look);
	}
	while (sync->waiter) {
		struct sync_waiter *next = sync->waiter->next;

		json_decref(sync->waiter->results);
		free(sync->waiter);
		sync->waiter = next;
	}
	for (size_t i = 0; i < sync->remotes; i++)
		exchange_clear(&sync->remote[i]);
	agent->fleet = NULL;
	free(sync->remote);
	free(sync);
}

/* --- commands ----------------------------------------------------------------------------------
 */

static struct exchange *find(struct fleet_sync *sync, const char *name)
{
	for (size_t i = 0; sync && name && i < sync->remotes; i++)
		if (!strcmp(sync->remote[i].config->name, name))
			return &sync->remote[i];
	return NULL;
}

void fleet_synced(struct agent *agent, const struct control_request *request)
{
	json_t *report = json_object_get(request->body, "report");
	struct fleet_sync *sync = agent->fleet;
	struct exchange *remote = find(sync, json_string_value(json_object_get(report, "remote")));
	bool quiet;

	if (request->uid != 0 && request->uid != agent->recorder_user.uid) {
		control_fail(agent->control, request->client,
		             "synced: only the agent's own processes may report this");
		return;
	}
	if (!remote || !remote->running ||
	    json_integer_value(json_object_get(report, "serial")) != (json_int_t)remote->serial) {
		control_fail(agent->control, request->client,
		             "synced: no such exchange is under way");
		return;
	}
	control_reply(agent->control, request->client, json_pack("{s:b}", "ok", 1));
	quiet = exchange_reported(remote, report);
	finish(sync, remote, quiet);
	look_at_it(sync, remote, json_incref(report));
}

void fleet_command(struct agent *agent, const struct control_request *request)
{
	const char *name = control_text(request, "remote");
	struct fleet_sync *sync = agent->fleet;
	struct exchange *only = find(sync, name);
	struct sync_waiter *waiter;

	if (!sync) {
		control_fail(agent->control, request->client,
		             "sync: this node has no remote: the configuration names them in "
		             "[remote \"NAME\"], and the node in [fleet]");
		return;
	}
	if (name && !only) {
		control_fail(agent->control, request->client, "sync: there is no remote '%s'",
		             name);
		return;
	}
	waiter = calloc(1, sizeof(*waiter) + sync->remotes * sizeof(waiter->awaits[0]));
	if (!waiter) {
		control_fail(agent->control, request->client, "out of memory");
		return;
	}
	waiter->client = request->client;
	waiter->results = json_array();
	waiter->next = sync->waiter;
	sync->waiter = waiter;
	for (size_t i = 0; i < sync->remotes; i++) {
		struct exchange *remote = &sync->remote[i];

		if (only && only != remote)
			continue;
		exchange_forget(remote);
		waiter->awaits[i] = remote->serial + 1;
		waiter->pending++;
		hurry(sync, remote);
	}
}

json_t *fleet_json(const struct agent *agent)
{
	const struct fleet_sync *sync = agent->fleet;
	json_t *list = sync ? json_array() : json_null();

	for (size_t i = 0; sync && i < sync->remotes; i++)
		json_array_append_new(list, exchange_json(&sync->remote[i]));
	return list;
}
