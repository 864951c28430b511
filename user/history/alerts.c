// SPDX-License-Identifier: MIT
/*
 * Alerts into commits, and the branch that names them. Where the branch is, is read anew each time:
 * moved by others, it goes on from there; deleted, it begins anew. Whatever fails here is tried
 * again, and stops nothing else.
 */
#include "history/alerts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "format/format.h"
#include "history/state.h"
#include "store/store.h"

#define RETRY_FIRST_MS   100
#define RETRY_LAST_MS    10000
#define CLOSING_RETRY_MS 20
#define CLOSING_FAILURES 50 /* then the end waits no longer */

/* --- what waits ------------------------------------------------------------------------------ */

static struct alert_message take_first(struct alert_list *list)
{
	struct alert_message message = list->item[list->first];

	list->first = (list->first + 1) % ALERTS_WAITING;
	list->count--;
	return message;
}

/* False: out of memory. */
static bool make_room(struct alert_list *list)
{
	if (!list->item)
		list->item = calloc(ALERTS_WAITING, sizeof(*list->item));
	return list->item != NULL;
}

static void add(struct alert_list *list, struct alert_message message)
{
	list->item[(list->first + list->count++) % ALERTS_WAITING] = message;
}

static void clear(struct alert_list *list)
{
	while (list->count > 0)
		free(take_first(list).text);
	free(list->item);
	*list = (struct alert_list){0};
}

static void say(FILE *stream, const char *token, const char *value)
{
	if (!value)
		return;
	fprintf(stream, "%s: ", token);
	wording_clean(stream, value);
	fputc('\n', stream);
}

/* The commit's message, malloc'ed; NULL when out of memory. */
static char *message_of(const struct history_alert *alert)
{
	char *text = NULL;
	size_t size;
	FILE *stream = open_memstream(&text, &size);

	if (!stream)
		return NULL;
	say(stream, alert->kind, alert->words);
	fputc('\n', stream);
	say(stream, "Segment", alert->segment);
	say(stream, "Interface", alert->interface);
	say(stream, "VLAN", alert->vlan);
	say(stream, "Alert", alert->kind);
	say(stream, "Address", alert->address);
	say(stream, "MAC", alert->mac);
	say(stream, "Other", alert->other);
	if (fclose(stream) == 0)
		return text;
	free(text);
	return NULL;
}

int alerts_post(struct alerts_log *log, const struct history_alert *alert)
{
	struct alert_message message = {message_of(alert), alert->time}, oldest = {0};
	int error = message.text ? 0 : -ENOMEM;

	uv_mutex_lock(&log->lock);
	if (!error && !make_room(&log->waiting))
		error = -ENOMEM;
	if (!error && log->waiting.count == ALERTS_WAITING)
		oldest = take_first(&log->waiting);
	log->dropped += error || oldest.text;
	if (!error)
		add(&log->waiting, message);
	uv_mutex_unlock(&log->lock);
	free(oldest.text);
	if (error)
		free(message.text);
	return error;
}

void alerts_status(struct alerts_log *log, struct history_status *status)
{
	uv_mutex_lock(&log->lock);
	status->alerts = log->recorded;
	status->alerts_waiting = log->waiting.count + log->under_way;
	status->alerts_dropped = log->dropped;
	uv_mutex_unlock(&log->lock);
}

void alerts_init(struct alerts_log *log)
{
	uv_mutex_init(&log->lock);
}

void alerts_clear(struct alerts_log *log)
{
	clear(&log->waiting);
	clear(&log->taken);
	uv_mutex_destroy(&log->lock);
}

/* --- when ------------------------------------------------------------------------------------ */

static bool some_wait(struct alerts_log *log)
{
	bool some;

	if (log->taken.count > 0)
		return true;
	uv_mutex_lock(&log->lock);
	some = log->waiting.count > 0;
	uv_mutex_unlock(&log->lock);
	return some;
}

static void on_timer(uv_timer_t *timer)
{
	struct engine *engine = timer->data;

	engine->alerts.due = true;
	uv_async_send(&engine->wake);
}

void alerts_start(struct engine *engine)
{
	engine->alerts.timer.data = engine;
	uv_timer_init(&engine->loop, &engine->alerts.timer);
}

void alerts_stop(struct engine *engine)
{
	uv_close((uv_handle_t *)&engine->alerts.timer, NULL);
}

/* A change that comes at the same time is flushed at once, and takes them along. */
void alerts_arm(struct engine *engine)
{
	struct alerts_log *log = &engine->alerts;
	uint64_t wait = engine->interval_ms;

	if (log->due || uv_is_active((uv_handle_t *)&log->timer) || !some_wait(log))
		return;
	if (log->failures > 0) {
		wait = RETRY_FIRST_MS << (log->failures < 7 ? log->failures - 1 : 6);
		if (wait > RETRY_LAST_MS)
			wait = RETRY_LAST_MS;
	}
	uv_timer_start(&log->timer, on_timer, wait, 0);
}

/* After a failure only the timer says when. */
static bool may_try(const struct alerts_log *log)
{
	return log->due || log->failures == 0;
}

bool alerts_are_due(struct engine *engine)
{
	struct alerts_log *log = &engine->alerts;

	return (log->due || (engine->closing && may_try(log))) && some_wait(log);
}

bool alerts_hold_up(struct engine *engine)
{
	struct alerts_log *log = &engine->alerts;

	if (!some_wait(log) || log->failures >= CLOSING_FAILURES)
		return false;
	uv_timer_start(&log->timer, on_timer, CLOSING_RETRY_MS, 0);
	return true;
}

/* --- commits --------------------------------------------------------------------------------- */

static void have_trouble(struct alerts_log *log, const struct fault *fault)
{
	log->made = log->due = false;
	log->failures++;
	if (log->failures > 3 && !log->said) {
		log_warning("alerts cannot be recorded, they wait and are tried again: %s",
		            fault->text);
		log->said = true;
	}
}

static void take_waiting(struct alerts_log *log)
{
	struct alert_list empty = log->taken;

	uv_mutex_lock(&log->lock);
	log->taken = log->waiting;
	log->waiting = empty;
	log->under_way = log->taken.count;
	uv_mutex_unlock(&log->lock);
}

/* One upon the other, from where the branch is now. */
static int make_commits(struct engine *engine, struct fault *fault)
{
	struct alerts_log *log = &engine->alerts;
	const git_oid none = {{0}};
	int error = refs_read(&log->base, engine->repository, ALERTS_REF, fault);

	if (error && error != -ENOENT)
		return error;
	if (error)
		log->base = none;
	log->tip = log->base;
	error = 0;
	for (size_t i = 0; i < log->taken.count && !error; i++) {
		const struct alert_message *alert =
		        &log->taken.item[(log->taken.first + i) % ALERTS_WAITING];
		const git_oid parent = log->tip;
		struct version made;
		struct commit_spec spec = {.parent = {&parent},
		                           .parents = !git_oid_is_zero(&parent),
		                           .message = alert->text,
		                           .time = alert->time};

		error = writer_commit_empty(engine->writer, &made, &spec, fault);
		if (!error)
			log->tip = made.commit;
	}
	log->made = !error;
	return error;
}

void alerts_commit(struct engine *engine)
{
	struct alerts_log *log = &engine->alerts;
	struct fault fault = {""};

	if (log->made || !may_try(log))
		return;
	if (log->taken.count == 0)
		take_waiting(log);
	if (log->taken.count > 0 && make_commits(engine, &fault))
		have_trouble(log, &fault);
}

void alerts_publish(struct engine *engine)
{
	struct alerts_log *log = &engine->alerts;
	struct fault fault = {""};
	size_t count = log->taken.count;
	int error;

	if (!log->made)
		return;
	error = refs_move(engine->repository, ALERTS_REF,
	                  git_oid_is_zero(&log->base) ? NULL : &log->base, &log->tip, "arpkeeper",
	                  &fault);
	if (error) {
		/* Others were faster, or have the lock: made again, upon what is there then. */
		have_trouble(log, &fault);
		/* A race that is lost is no trouble: the next one is run as soon. */
		if (error == -ESTALE)
			log->failures = 1;
		return;
	}
	if (log->said)
		log_info("alerts are recorded again");
	log->made = log->due = log->said = false;
	log->failures = 0;
	while (log->taken.count > 0)
		free(take_first(&log->taken).text);
	uv_timer_stop(&log->timer);
	engine->commits_pending += count;
	uv_mutex_lock(&log->lock);
	log->recorded += count;
	log->under_way = 0;
	uv_mutex_unlock(&log->lock);
}
