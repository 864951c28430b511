// SPDX-License-Identifier: MIT
/*
 * Takes posted messages in order, and publishes them: at once when idle, once an interval when
 * busy. It looks at the doors when something moved, and tries again after an error. A message that
 * cannot be written waits; none is dropped.
 */
#include "history/engine.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>

#include "history/claims.h"
#include "history/door.h"
#include "history/doors.h"
#include "history/due.h"
#include "history/fleetdoor.h"
#include "history/load.h"
#include "history/ownbranch.h"
#include "history/report.h"
#include "history/tasklog.h"

#define ROUND_MESSAGES 4096 /* then timers and other events have their turn */
#define INDEX_PUT_OFF  4    /* steps without the look-back index, at most */
/* After an error. */
#define LOCK_MS          20 /* git holds its locks for a moment only */
#define FIRST_MS         200
#define LAST_MS          5000
#define LOCK_PATIENCE_MS 1000 /* until it is logged */
#define PATIENCE_MS      100  /* of other trouble: git's upkeep removes empty folders, say */

/* --- work ------------------------------------------------------------------------------------- */

static int handle(struct engine *engine, struct message *message, struct fault *fault)
{
	struct state *state = &engine->state;

	switch (message->kind) {
	case MESSAGE_CHANGE:
		return tasklog_change(state, message, fault);
	case MESSAGE_BEGIN:
		return tasklog_begin(state, message, fault);
	case MESSAGE_END:
		return tasklog_end(state, message, fault);
	case MESSAGE_MARK:
		if (message->reply)
			mailbox_put(state->out, &message->reply->mail);
		message->reply = NULL;
		return 0;
	case MESSAGE_ANSWER:
		return door_answer(state, message, fault);
	case MESSAGE_REQUEST:
		doors_request(state, message);
		return 0;
	case MESSAGE_LOAD:
		load_run(state, message->loading, engine->seed);
		return 0;
	case MESSAGE_LOADED:
		return load_finish(state, message->loading, fault);
	default:
		return 0;
	}
}

static int drain(struct engine *engine, struct fault *fault)
{
	struct state *state = &engine->state;

	for (int i = 0; i < ROUND_MESSAGES; i++) {
		int error = door_is_answered(state) ? door_settle(state, fault) : 0;
		struct message *message;

		if (error)
			return error;
		if (due_is_large(state)) {
			state->urgent = true;
			return 0;
		}
		message = state->damage.text[0] ? NULL : message_of(mailbox_take(state->in));
		if (!message)
			return 0;
		error = handle(engine, message, fault);
		if (error) {
			struct mails back;

			mails_init(&back);
			mails_add(&back, &message->mail);
			mailbox_return(state->in, &back);
			return error;
		}
		state->taken = message->number;
		message_free(message);
	}
	return 0;
}

/* --- publication ------------------------------------------------------------------------------ */

static void finish(struct state *state)
{
	/* Changes in open tasks are not durable yet. */
	uint64_t open = tasklog_open(state);

	(void)progress_report(state, true);
	/* Who is answered finds all of it in the status. */
	status_trouble(state->status, "");
	status_published(state->status, &state->main, &state->applied, state->upkeep.since,
	                 state->unpublished > open ? state->unpublished - open : 0,
	                 state->commits_pending);
	ownbranch_report(state);
	waiters_reply(&state->waiters, state->out, 0, &state->head.commit);
	state->unpublished = open;
	state->in_open_tasks = 0;
	writer_describe(state->archive.writer);
	upkeep_note(&state->upkeep, &state->loop, state->commits_pending);
	state->commits_pending = 0;
}

static int move_references(struct state *state, struct fault *fault)
{
	const git_oid *reflected = state_reflected(state);
	struct branches_tips tips = {.main_before = &state->main};
	int error;

	readers_look(&state->readers);
	if (!git_oid_equal(&state->main, &state->head.commit)) {
		anchors_leave(&state->archive.branches.anchors, &state->main);
		tips.main = &state->head.commit;
	}
	/* `applied` is never behind main or a task. After a kill, what these had beyond it would be
	 * taken for changes of others, and compete with the table's newer ones (load.c). */
	if (!git_oid_equal(&state->applied, reflected))
		tips.applied = reflected;
	error = branches_write(&state->archive.branches, &tips, fault);
	if (error)
		return error;
	if (tips.applied)
		state->applied = *reflected;
	if (!tips.main)
		return 0;
	state->main = state->head.commit;
	anchors_move(&state->archive.branches.anchors, &state->main, state->commits_pending,
	             uv_now(&state->loop));
	return 0;
}

/* Makes commits durable, and then visible: objects; applied, task branches and main; alerts. A
 * crash between any two of these steps leaves a whole repository. Replies are sent when all is.
 * -ESTALE: others moved main. After any error it can be called again. */
static int publish(struct state *state, struct fault *fault)
{
	struct archive *archive = &state->archive;
	int error = 0;

	/* Others moved main, and the owner is merging what they changed. Its answer comes after
	 * what it posted before, for which there must be room. */
	if (state->door.request && state->door.is_main) {
		if (due_is_large(state))
			error = writer_flush(archive->writer, fault);
		if (!error)
			state->in_open_tasks = 0;
		return error;
	}
	alerts_commit(&state->alerts, archive);
	if (due_is_done(state)) {
		finish(state);
		return 0;
	}
	error = ownbranch_commit(state, fault);
	if (!error)
		error = writer_flush(archive->writer, fault);
	if (!error && progress_report(state, false) < 0)
		error = fault_set(fault, -ENOMEM, "out of memory");
	if (!error)
		error = move_references(state, fault);
	if (error)
		return error;
	state->commits_pending += alerts_publish(&state->alerts, archive);
	writer_settle(archive->writer);
	writer_look(archive->writer);
	if (!state->task)
		writer_rest(archive->writer);
	state->look |= removals_run(&state->removal, archive->repository, uv_now(&state->loop),
	                            state->closing);
	finish(state);
	return 0;
}

static int write_out(struct engine *engine, struct fault *fault)
{
	struct state *state = &engine->state;
	int error = state->closing ? tasklog_commit_all(state, fault)
	                           : tasklog_commit_batches(state, fault);

	if (!error)
		error = publish(state, fault);
	if (error == -ESTALE) {
		/* Others were first: what they changed is merged, then we try again. */
		state->look = true;
		return 0;
	}
	if (!error) {
		engine->last_flush = uv_now(&state->loop);
		state->urgent = false;
	}
	return error;
}

/* What is posted waits; the owner opens history anew when it can be read. */
static int wait_for_mending(struct state *state, struct fault *fault)
{
	if (damage_has_changed(&state->damage, state->archive.repository) && state->again)
		state->again(state->context);
	return fault_set(fault, -EIO, "%s", state->damage.text);
}

/* What was merged a moment ago is published before the next look. */
static bool look_later(struct state *state)
{
	bool later = state->merged_now;

	state->merged_now = false;
	return later;
}

static int work(struct engine *engine, struct fault *fault)
{
	struct state *state = &engine->state;
	bool due;
	int error = drain(engine, fault);

	if (!error && state->damage.text[0])
		return wait_for_mending(state, fault);
	if (!error && state->look && !look_later(state)) {
		writer_look(state->archive.writer);
		error = doors_look(state, fault);
	}
	if (!error)
		error = doors_step(state, fault);
	if (error == -ESTALE) {
		state->look = true;
		error = 0;
	}
	if (error)
		return error;
	due = state->urgent || state->closing ||
	      uv_now(&state->loop) - engine->last_flush >= state->interval_ms;
	return due_now(state) && due ? write_out(engine, fault) : 0;
}

static void close_all(struct engine *engine)
{
	engine->finished = true;
	mailbox_set_wake(engine->state.in, NULL);
	watch_stop(&engine->watch);
	readers_stop(&engine->state.readers);
	upkeep_stop(&engine->state.upkeep);
	uv_close((uv_handle_t *)&engine->state.alerts.timer, NULL);
	uv_close((uv_handle_t *)&engine->wake, NULL);
	uv_close((uv_handle_t *)&engine->flush_timer, NULL);
	uv_close((uv_handle_t *)&engine->retry_timer, NULL);
	pulse_stop(&engine->pulse);
	claims_stop(engine->state.claims);
}

/* --- after an error ----------------------------------------------------------------------------
 */

static void on_timer(uv_timer_t *timer);

/* Sets how long to wait after a failed attempt, and logs trouble that lasts. */
static void back_off(struct engine *engine, int error, const struct fault *fault)
{
	struct backoff *backoff = &engine->backoff;
	struct state *state = &engine->state;
	uint64_t now = uv_now(&state->loop);
	char path[PATH_MAX], text[FAULT_TEXT];
	long age = -1;

	if (backoff->ms == 0)
		backoff->since = now;
	if (now - backoff->since < (error == -EBUSY ? LOCK_PATIENCE_MS : PATIENCE_MS)) {
		backoff->ms = LOCK_MS;
		return;
	}
	backoff->ms = backoff->ms < FIRST_MS ? FIRST_MS : 2 * backoff->ms;
	if (backoff->ms > LAST_MS)
		backoff->ms = LAST_MS;
	if (error == -EBUSY)
		age = gitlock_stale(git_repository_path(state->archive.repository), path);
	if (age >= 0)
		snprintf(text, sizeof(text),
		         "%.400s has been there for %ld s: a git process that died left it; if "
		         "none is running, remove it",
		         path, age);
	else
		snprintf(text, sizeof(text), "%s", fault->text);
	status_trouble(state->status, text);
	if (!backoff->said)
		log_error("history cannot be written, changes are kept and tried again: %s", text);
	backoff->said = true;
}

/* Tries again later. */
static void fail(struct engine *engine, int error, const struct fault *fault)
{
	struct state *state = &engine->state;

	repository_refresh(state->archive.repository); /* outdated packs may be the cause */
	back_off(engine, error, fault);
	uv_timer_start(&engine->retry_timer, on_timer,
	               state->closing ? LOCK_MS : engine->backoff.ms, 0);
}

/* An attempt succeeded. */
static void end_backoff(struct engine *engine)
{
	if (engine->backoff.said)
		log_info("history is written again");
	if (engine->backoff.ms > 0)
		status_trouble(engine->state.status, "");
	engine->backoff = (struct backoff){0};
}

/* --- the loop --------------------------------------------------------------------------------- */

/* After everything possible was done: goes on, waits, or ends. */
static void go_on(struct engine *engine)
{
	struct state *state = &engine->state;
	bool more = mailbox_count(state->in) > 0;
	uint64_t since;

	/* The owner's answer wakes us. */
	if (state->closing && state->door.request && !state->door.answered && !more)
		return;
	more |= state->look || door_is_answered(state) ||
	        (state->request && !state->door.request && !state->closing);
	alerts_arm(&state->alerts);
	fleetdoor_arm(state);
	ownbranch_report(state);
	if (more || (state->closing && due_any(state))) {
		uv_async_send(&engine->wake);
	} else if (state->closing) {
		if (!alerts_hold_up(&state->alerts))
			close_all(engine);
	} else if (due_now(state)) {
		since = uv_now(&state->loop) - engine->last_flush;
		uv_timer_start(&engine->flush_timer, on_timer,
		               since < state->interval_ms ? state->interval_ms - since : 1, 0);
	}
}

static void step(struct engine *engine)
{
	struct state *state = &engine->state;
	struct fault fault = {""};
	int error;

	if (engine->finished)
		return;
	state->closing |= atomic_load(&engine->stopping);
	if (atomic_load(&engine->giving_up) || (state->closing && state->damage.text[0])) {
		close_all(engine);
		return;
	}
	if (uv_is_active((uv_handle_t *)&engine->retry_timer))
		return;
	uv_update_time(&state->loop);
	error = work(engine, &fault);
	if (error) {
		fail(engine, error, &fault);
		return;
	}
	end_backoff(engine);
	/* Who has asked meanwhile is answered first, but the index does not stay behind for long.
	 * If it is far behind, the upkeep process is started at the next publication. */
	if ((mailbox_count(state->in) > 0 || state->request) && engine->put_off++ < INDEX_PUT_OFF) {
		go_on(engine);
		return;
	}
	engine->put_off = 0;
	if (state->loaded &&
	    lookback_publish(&state->archive.lookback, state->archive.repository, &state->main))
		upkeep_now(&state->upkeep, &state->loop);
	go_on(engine);
}

static void on_timer(uv_timer_t *timer)
{
	step(timer->data);
}

static void on_wake(uv_async_t *wake)
{
	step(wake->data);
}

static void on_look(void *context)
{
	struct engine *engine = context;

	engine->state.look = true;
	step(engine);
}

/* What a client gets stays an anchor: it may push from there. */
static void on_read(void *context)
{
	struct engine *engine = context;
	struct state *state = &engine->state;

	if (!state->loaded)
		return;
	anchors_read(&state->archive.branches.anchors, &state->main, uv_now(&state->loop));
	uv_async_send(&engine->wake);
}

static int init_loop(struct engine *engine, struct fault *fault)
{
	struct state *state = &engine->state;
	const char *directory = git_repository_path(state->archive.repository);
	int error = uv_loop_init(&state->loop);

	if (error < 0)
		return fault_set(fault, error, "an event loop cannot be made: %s",
		                 uv_strerror(error));
	engine->has_loop = true;
	engine->wake.data = engine->flush_timer.data = engine->retry_timer.data = engine;
	uv_timer_init(&state->loop, &engine->flush_timer);
	uv_timer_init(&state->loop, &engine->retry_timer);
	pulse_start(&engine->pulse, &state->loop);
	alerts_start(&state->alerts, &state->loop, &engine->wake, state->interval_ms);
	claims_start(state->claims, &state->loop, &engine->wake);
	error = uv_async_init(&state->loop, &engine->wake, on_wake);
	if (!error)
		error = watch_start(&engine->watch, &state->loop, directory, on_look, engine);
	if (!error)
		error = readers_start(&state->readers, &state->loop, directory, on_read, engine);
	if (error < 0)
		return fault_set(fault, error, "%s cannot be watched: %s", directory,
		                 uv_strerror(error));
	mailbox_set_wake(state->in, &engine->wake);
	return 0;
}

int engine_init(struct engine *engine, git_repository *repository,
                const struct history_options *options, struct fault *fault)
{
	struct upkeep *upkeep = &engine->state.upkeep;
	int error;

	mails_init(&engine->state.waiters);
	upkeep_init(upkeep, git_repository_path(repository));
	upkeep->program = options->program;
	upkeep->keep = options->keep;
	upkeep->archive = options->thinned;
	upkeep->warned = options->warning;
	upkeep->context = options->context;
	error = archive_init(&engine->state.archive, repository, fault);
	if (!error)
		error = claims_new(&engine->state.claims, options, fault);
	if (!error && engine->state.claims)
		engine->state.archive.fleet = engine->state.claims->node;
	return error ? error : init_loop(engine, fault);
}

static void close_handle(uv_handle_t *handle, void *context)
{
	(void)context;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

void engine_destroy(struct engine *engine)
{
	struct state *state = &engine->state;

	if (engine->has_loop) {
		readers_stop(&state->readers);
		uv_walk(&state->loop, close_handle, NULL);
		uv_run(&state->loop, UV_RUN_DEFAULT);
		uv_loop_close(&state->loop);
	}
	doors_clear(state);
	tasklog_clear(state);
	waiters_reply(&state->waiters, state->out, -ETIMEDOUT, NULL);
	archive_clear(&state->archive);
	claims_free(state->claims);
}
