// SPDX-License-Identifier: MIT
/* Two threads that do nothing but read from the agent. Never changes anything there. */
#include "web/follow.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "client/client.h"
#include "entry/entry.h"

#define GAP          "there were too many events at once, and some are missing here: the table is read anew"
#define RETRY_MS     1000
#define DOUBT_MS     250 /* between two rounds of questions about single addresses, */
#define DOUBTS_ASKED 64  /* and so many in one; others wait until all is loaded */
#define IDLE_MS      3600000
#define LOOKED_MS    60000 /* so long after a look the table is kept fresh */
#define LOAD_MIN_MS  3000  /* between two loads; and so many times what one took, */
#define LOAD_SHARE   50    /* so that the agent gives 2 % of its time to it at most */

static int64_t now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* Puts a connection where follow_stop() can cut it. False: the end has begun. */
static bool hold(struct follow *follow, FILE **place, FILE *agent)
{
	bool fine;

	pthread_mutex_lock(&follow->lock);
	fine = !follow->stopping;
	*place = fine ? agent : NULL;
	pthread_mutex_unlock(&follow->lock);
	return fine;
}

static void let_go(struct follow *follow, FILE **place, FILE *agent)
{
	pthread_mutex_lock(&follow->lock);
	*place = NULL;
	pthread_mutex_unlock(&follow->lock);
	client_close(agent);
}

static bool is_stopping(struct follow *follow)
{
	bool stopping;

	pthread_mutex_lock(&follow->lock);
	stopping = follow->stopping;
	pthread_mutex_unlock(&follow->lock);
	return stopping;
}

/* --- events ----------------------------------------------------------------------------------- */

static void publish(struct follow *follow, const json_t *event)
{
	const char *type = json_text(event, "type");
	char *line = json_dumps(event, JSON_COMPACT);

	if (type && line)
		events_publish(follow->events, type, line);
	free(line);
}

/* In the words of `watch`. */
static void note(struct follow *follow, const char *text)
{
	char when[TIME_TEXT];
	json_t *event = json_pack("{s:s, s:s, s:s}", "time", time_format(when, time(NULL)), "type",
	                          "notice", "text", text);

	publish(follow, event);
	json_decref(event);
}

/* `fresh`: another agent than before, whose table is asked for at once. */
static void set_watching(struct follow *follow, bool watching, bool fresh)
{
	pthread_mutex_lock(&follow->lock);
	follow->watching = watching;
	follow->due = watching;
	if (fresh)
		follow->loaded_ms = follow->took_ms = 0;
	pthread_cond_signal(&follow->wake);
	pthread_mutex_unlock(&follow->lock);
}

static void wake_loader(struct follow *follow)
{
	pthread_mutex_lock(&follow->lock);
	if (!follow->changed)
		pthread_cond_signal(&follow->wake);
	follow->changed = true;
	pthread_mutex_unlock(&follow->lock);
}

/* One stream, until it ends. `gap`: the last one ended just now: the agent drops a watcher for
 * which too many events wait. */
static int watch(struct follow *follow, bool gap, struct fault *fault)
{
	json_t *event, *response;
	FILE *agent;
	int error = client_ask(&agent, &response, follow->control,
	                       json_pack("{s:s}", "command", "watch"), fault);

	if (error < 0)
		return error;
	json_decref(response);
	if (gap)
		note(follow, GAP);
	if (hold(follow, &follow->stream, agent)) {
		/* From now on nothing is missed: so the table is asked for afterwards. */
		set_watching(follow, true, !gap);
		while ((event = client_next(agent, fault))) {
			copy_change(follow->copy, event);
			publish(follow, event);
			wake_loader(follow);
			json_decref(event);
		}
	}
	let_go(follow, &follow->stream, agent);
	return 0;
}

/* No agent takes the request. */
static void wait_for_agent(struct follow *follow, bool ended, struct fault *fault)
{
	set_watching(follow, false, false);
	copy_lose(follow->copy, fault);
	if (ended)
		note(follow, "the agent has ended: waiting for the next one");
	client_await(follow->control, follow->ending, RETRY_MS);
}

static void *run_watcher(void *given)
{
	struct follow *follow = given;
	bool had = false, told = false;

	while (!is_stopping(follow)) {
		struct fault fault = {""};

		if (watch(follow, had, &fault) == 0) {
			had = told = true;
			continue;
		}
		if (!told)
			log_info("%s", fault.text);
		told = true;
		wait_for_agent(follow, had, &fault);
		had = false;
	}
	return NULL;
}

/* --- the table -------------------------------------------------------------------------------- */

static bool take_piece(struct follow *follow, const json_t *piece)
{
	const json_t *entry;
	size_t index;

	json_array_foreach (json_object_get(piece, "entries"), index, entry)
		if (copy_load(follow->copy, entry) == -ENOMEM)
			return false;
	return true;
}

/* Whether all of it came. */
static bool read_table(struct follow *follow, FILE *agent)
{
	struct fault fault;
	bool end = false, fine = true;

	while (!end && fine) {
		json_t *piece = client_next(agent, &fault);

		end = json_is_true(json_object_get(piece, "end"));
		fine = piece && take_piece(follow, piece);
		json_decref(piece);
	}
	return end && fine;
}

static void load(struct follow *follow)
{
	const int64_t begun = now_ms();
	struct fault fault;
	json_t *response;
	FILE *agent;
	bool whole = false;
	int error = client_ask(&agent, &response, follow->control,
	                       json_pack("{s:s, s:b}", "command", "show", "stream", 1), &fault);

	if (!error) {
		json_decref(response);
		copy_begin(follow->copy);
		whole = hold(follow, &follow->table, agent) && read_table(follow, agent);
		whole = copy_end(follow->copy, whole);
		let_go(follow, &follow->table, agent);
	}
	pthread_mutex_lock(&follow->lock);
	follow->loaded_ms = now_ms();
	follow->took_ms = follow->loaded_ms - begun;
	/* Without an agent, the next one's stream makes it due. */
	follow->due = !whole && follow->watching;
	pthread_mutex_unlock(&follow->lock);
}

/* Of each address, what `show` says now. */
static void settle(struct follow *follow, const struct copy_doubt *doubt, size_t count)
{
	struct fault fault;
	FILE *agent;

	if (!count || client_connect(&agent, follow->control, &fault))
		return;
	if (!hold(follow, &follow->table, agent))
		count = 0;
	for (size_t i = 0; i < count; i++) {
		char address[ADDRESS_TEXT];
		json_t *answer =
		        client_call(agent,
		                    json_pack("{s:s, s:s, s:s}", "command", "show", "prefix",
		                              address_format(address, doubt[i].address), "segment",
		                              doubt[i].segment),
		                    &fault);

		if (!answer)
			break;
		copy_settle(follow->copy, &doubt[i],
		            json_array_get(json_object_get(answer, "entries"), 0));
		json_decref(answer);
	}
	let_go(follow, &follow->table, agent);
}

/* Whether the table is to be asked for now: of another agent at once, else not too often. */
static bool is_due(struct follow *follow, int64_t now, int64_t *next)
{
	const int64_t share = follow->took_ms * LOAD_SHARE;
	const int64_t earliest = follow->loaded_ms + (share > LOAD_MIN_MS ? share : LOAD_MIN_MS);
	const bool looked = follow->looked_ms && now - follow->looked_ms < LOOKED_MS;

	if (!follow->watching)
		return false;
	if (follow->due && !follow->loaded_ms)
		return true;
	if (!follow->due && !looked)
		return false;
	*next = earliest;
	return now >= earliest;
}

/* The lock is held. */
static void wait_until(struct follow *follow, int64_t until_ms)
{
	const struct timespec until = {until_ms / 1000, until_ms % 1000 * 1000000};

	(void)pthread_cond_timedwait(&follow->wake, &follow->lock, &until);
}

/* What is to be done now; else when to look again. */
static void decide(struct follow *follow, bool *all, bool *some, int64_t *next)
{
	const int64_t now = now_ms(), settle_at = follow->settled_ms + DOUBT_MS;

	*next = now + IDLE_MS;
	*all = is_due(follow, now, next);
	*some = follow->changed && now >= settle_at;
	if (follow->changed && settle_at < *next)
		*next = settle_at;
}

static void *run_loader(void *given)
{
	struct copy_doubt doubt[DOUBTS_ASKED];
	struct follow *follow = given;

	pthread_mutex_lock(&follow->lock);
	while (!follow->stopping) {
		bool all, some;
		int64_t next;

		decide(follow, &all, &some, &next);
		if (!all && !some) {
			wait_until(follow, next);
			continue;
		}
		follow->changed = false;
		pthread_mutex_unlock(&follow->lock);
		if (all)
			load(follow);
		settle(follow, doubt, copy_doubts(follow->copy, doubt, DOUBTS_ASKED));
		pthread_mutex_lock(&follow->lock);
		follow->settled_ms = now_ms();
	}
	pthread_mutex_unlock(&follow->lock);
	return NULL;
}

/* --- its life --------------------------------------------------------------------------------- */

static int start_thread(pthread_t *thread, void *(*run)(void *), struct follow *follow,
                        struct fault *fault)
{
	int error = pthread_create(thread, NULL, run, follow);

	return error ? fault_set(fault, -error, "no thread can be started: %s", strerror(error))
	             : 0;
}

int follow_start(struct follow *follow, const char *control, struct copy *copy,
                 struct events *events, struct fault *fault)
{
	pthread_condattr_t attributes;
	int error;

	*follow = (struct follow){.control = control, .copy = copy, .events = events};
	follow->ending = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (follow->ending < 0)
		return fault_set(fault, -errno, "eventfd: %s", strerror(errno));
	pthread_mutex_init(&follow->lock, NULL);
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_cond_init(&follow->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	error = start_thread(&follow->loader, run_loader, follow, fault);
	if (error)
		return error;
	error = start_thread(&follow->watcher, run_watcher, follow, fault);
	return error;
}

void follow_looked(struct follow *follow)
{
	pthread_mutex_lock(&follow->lock);
	follow->looked_ms = now_ms();
	pthread_cond_signal(&follow->wake);
	pthread_mutex_unlock(&follow->lock);
}

bool follow_is_watching(struct follow *follow)
{
	bool watching;

	pthread_mutex_lock(&follow->lock);
	watching = follow->watching;
	pthread_mutex_unlock(&follow->lock);
	return watching;
}

static void cut(FILE *agent)
{
	if (agent)
		shutdown(fileno(agent), SHUT_RDWR);
}

void follow_stop(struct follow *follow)
{
	const uint64_t one = 1;

	pthread_mutex_lock(&follow->lock);
	follow->stopping = true;
	cut(follow->stream);
	cut(follow->table);
	pthread_cond_signal(&follow->wake);
	pthread_mutex_unlock(&follow->lock);
	(void)!write(follow->ending, &one, sizeof(one));
	pthread_join(follow->watcher, NULL);
	pthread_join(follow->loader, NULL);
	pthread_mutex_destroy(&follow->lock);
	pthread_cond_destroy(&follow->wake);
	close(follow->ending);
}
