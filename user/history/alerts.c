// SPDX-License-Identifier: MIT
/*
 * Alerts become commits, and the branch names them. The branch is read anew each time: moved by
 * others, it goes on from there; deleted, it begins again. A failure is tried again, and stops
 * nothing else.
 */
#include "history/alerts.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define RETRY_FIRST_MS   100
#define CLOSING_RETRY_MS 20
#define CLOSING_FAILURES 50 /* then the end waits no longer */

/* --- what waits ------------------------------------------------------------------------------ */

/* As its commit will say it. */
struct alert {
	struct mail mail; /* first */
	char *text;       /* owned */
	int64_t time;
};

static void drop_first(struct mails *mails)
{
	struct alert *alert = (struct alert *)mails_take(mails);

	free(alert->text);
	free(alert);
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
	return wording_finish(stream, &text);
}

int alerts_post(struct alerts_log *log, const struct history_alert *about)
{
	struct alert *alert = calloc(1, sizeof(*alert));
	char *text = message_of(about);
	bool failed = !alert || !text;

	uv_mutex_lock(&log->lock);
	if (!failed) {
		*alert = (struct alert){.text = text, .time = about->time};
		mails_add(&log->waiting, &alert->mail);
	}
	if (failed || log->waiting.count > ALERTS_WAITING)
		log->dropped++;
	if (log->waiting.count > ALERTS_WAITING)
		drop_first(&log->waiting);
	uv_mutex_unlock(&log->lock);
	if (!failed)
		return 0;
	free(text);
	free(alert);
	return -ENOMEM;
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
	mails_init(&log->waiting);
	mails_init(&log->taken);
}

void alerts_clear(struct alerts_log *log)
{
	while (log->waiting.first)
		drop_first(&log->waiting);
	while (log->taken.first)
		drop_first(&log->taken);
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
	struct alerts_log *log = timer->data;

	log->due = true;
	uv_async_send(log->wake);
}

void alerts_start(struct alerts_log *log, uv_loop_t *loop, uv_async_t *wake, uint32_t interval_ms)
{
	log->wake = wake;
	log->interval_ms = interval_ms;
	log->timer.data = log;
	uv_timer_init(loop, &log->timer);
}

/* A change in the meantime is flushed at once, and the alerts with it. */
void alerts_arm(struct alerts_log *log)
{
	uint64_t wait = log->interval_ms;

	if (log->due || uv_is_active((uv_handle_t *)&log->timer) || !some_wait(log))
		return;
	if (log->failures > 0)
		wait = RETRY_FIRST_MS << (log->failures < 7 ? log->failures - 1 : 6);
	uv_timer_start(&log->timer, on_timer, wait, 0);
}

/* After a failure the timer decides. */
static bool may_try(const struct alerts_log *log)
{
	return log->due || log->failures == 0;
}

bool alerts_are_due(struct alerts_log *log, bool closing)
{
	return (log->due || (closing && may_try(log))) && some_wait(log);
}

bool alerts_hold_up(struct alerts_log *log)
{
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

/* One on top of the other, from where the branch is now. */
static int make_commits(struct alerts_log *log, struct archive *archive, struct fault *fault)
{
	const git_oid none = {{0}};
	int error = refs_read(&log->base, archive->repository, ALERTS_REF, fault);

	if (error && error != -ENOENT)
		return error;
	if (error)
		log->base = none;
	log->tip = log->base;
	error = 0;
	for (struct mail *mail = log->taken.first; mail && !error; mail = mail->next) {
		const struct alert *alert = (struct alert *)mail;
		const git_oid parent = log->tip;
		struct version made;
		struct commit_spec spec = {.parent = {&parent},
		                           .parents = !git_oid_is_zero(&parent),
		                           .message = alert->text,
		                           .time = alert->time};

		error = writer_commit_empty(archive->writer, &made, &spec, fault);
		if (!error)
			log->tip = made.commit;
	}
	log->made = !error;
	return error;
}

void alerts_commit(struct alerts_log *log, struct archive *archive)
{
	struct fault fault = {""};

	if (log->made || !may_try(log))
		return;
	if (log->taken.count == 0) {
		uv_mutex_lock(&log->lock);
		mails_move(&log->taken, &log->waiting);
		log->under_way = log->taken.count;
		uv_mutex_unlock(&log->lock);
	}
	if (log->taken.count > 0 && make_commits(log, archive, &fault))
		have_trouble(log, &fault);
}

size_t alerts_publish(struct alerts_log *log, struct archive *archive)
{
	struct fault fault = {""};
	size_t count = log->taken.count;
	int error;

	if (!log->made)
		return 0;
	error = refs_move(archive->repository, ALERTS_REF,
	                  git_oid_is_zero(&log->base) ? NULL : &log->base, &log->tip, &fault);
	if (error) {
		/* Others were faster, or hold the lock: the commits are made again on top of
		 * theirs. */
		have_trouble(log, &fault);
		/* A lost race is not trouble: try again soon. */
		if (error == -ESTALE)
			log->failures = 1;
		return 0;
	}
	if (log->said)
		log_info("alerts are recorded again");
	log->made = log->due = log->said = false;
	log->failures = 0;
	while (log->taken.first)
		drop_first(&log->taken);
	uv_timer_stop(&log->timer);
	uv_mutex_lock(&log->lock);
	log->recorded += count;
	log->under_way = 0;
	uv_mutex_unlock(&log->lock);
	return count;
}
