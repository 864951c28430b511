// SPDX-License-Identifier: MIT
/*
 * Takes posted messages in order, and publishes them: at once when idle, once an interval when
 * busy. It looks at the doors when something moved, and tries again after an error. A message that
 * cannot be written waits; none is dropped.
 */
#include "history/engine.h"

#include <errno.h>

#include "history/doors.h"
#include "history/load.h"
#include "history/message.h"
#include "history/publish.h"
#include "history/settle.h"
#include "history/tasklog.h"
#include "history/waiters.h"
#include "store/store.h"

#define ROUND_MESSAGES 4096       /* then timers and other events have their turn */
#define PENDING_BYTES  (64 << 20) /* of objects in memory: written out in any case */

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
		return settle_answer(state, message, fault);
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

/* Too many messages wait: of each address the last change stays. */
static void fold_backlog(struct engine *engine)
{
	struct state *state = &engine->state;
	size_t waiting;
	uint64_t dropped = folding_run(&engine->folding, state->in, &waiting);

	if (dropped == 0)
		return;
	status_dropped(state->status, dropped);
	message_notice(state->out,
	               "history is behind by %zu changes: %llu transitions are dropped, the last "
	               "state of each address is kept",
	               waiting, (unsigned long long)dropped);
}

static bool is_large(const struct state *state)
{
	return writer_pending_bytes(state->archive.writer) > PENDING_BYTES;
}

static int drain(struct engine *engine, struct fault *fault)
{
	struct state *state = &engine->state;

	for (int i = 0; i < ROUND_MESSAGES; i++) {
		int error = settle_is_due(state) ? settle(state, fault) : 0;
		struct message *message;

		if (error)
			return error;
		if (is_large(state)) {
			state->urgent = true;
			return 0;
		}
		message = message_of(mailbox_take(state->in));
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
		message_free(message);
	}
	return 0;
}

static bool has_work(struct state *state)
{
	return state->loaded &&
	       (state->batch || alerts_are_due(&state->alerts, state->closing) ||
	        state->waiters.first || state->removal ||
	        state->archive.branches.waiting_count > 0 || state->unpublished > 0 ||
	        !git_oid_equal(&state->main, &state->head.commit) ||
	        !git_oid_equal(&state->applied, state_reflected(state)));
}

/* Changes of open tasks are not due. */
static bool has_due_work(struct state *state)
{
	uint64_t open = tasklog_open(state);

	return has_work(state) &&
	       (open == 0 || state->unpublished > open || state->batch || state->waiters.first ||
	        alerts_are_due(&state->alerts, state->closing) || is_large(state) ||
	        !git_oid_equal(&state->main, &state->head.commit));
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

static int work(struct engine *engine, struct fault *fault)
{
	struct state *state = &engine->state;
	bool due;
	int error = drain(engine, fault);

	if (!error && state->look)
		error = doors_look(state, fault);
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
	return has_due_work(state) && due ? write_out(engine, fault) : 0;
}

static void close_all(struct engine *engine)
{
	engine->finished = true;
	mailbox_set_wake(engine->state.in, NULL);
	watch_stop(&engine->watch);
	upkeep_stop(&engine->state.upkeep);
	alerts_stop(&engine->state.alerts);
	uv_close((uv_handle_t *)&engine->wake, NULL);
	uv_close((uv_handle_t *)&engine->flush_timer, NULL);
	uv_close((uv_handle_t *)&engine->retry_timer, NULL);
}

static void on_timer(uv_timer_t *timer);

/* After an error: tries again later. */
static void fail(struct engine *engine, int error, const struct fault *fault)
{
	struct state *state = &engine->state;

	repository_refresh(state->archive.repository); /* outdated packs may be the cause */
	backoff_fail(&engine->backoff, state->status, state->archive.repository,
	             uv_now(&state->loop), error, fault);
	uv_timer_start(&engine->retry_timer, on_timer,
	               state->closing ? BACKOFF_LOCK_MS : engine->backoff.ms, 0);
}

/* After everything possible was done: goes on, waits, or ends. */
static void go_on(struct engine *engine)
{
	struct state *state = &engine->state;
	bool more = mailbox_count(state->in) > 0;
	uint64_t since;

	/* The owner's answer wakes us. */
	if (state->closing && state->door.request && !state->door.answered && !more)
		return;
	more |= state->look || settle_is_due(state) ||
	        (state->request && !state->door.request && !state->closing);
	alerts_arm(&state->alerts);
	if (more || (state->closing && has_work(state))) {
		uv_async_send(&engine->wake);
	} else if (state->closing) {
		if (!alerts_hold_up(&state->alerts))
			close_all(engine);
	} else if (has_due_work(state)) {
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
	if (atomic_load(&engine->giving_up)) {
		close_all(engine);
		return;
	}
	state->closing |= atomic_load(&engine->stopping);
	fold_backlog(engine);
	if (uv_is_active((uv_handle_t *)&engine->retry_timer))
		return;
	uv_update_time(&state->loop);
	error = work(engine, &fault);
	if (error) {
		fail(engine, error, &fault);
		return;
	}
	backoff_end(&engine->backoff, state->status);
	/* The index is behind: the upkeep process is started at the next publication. */
	if (state->loaded &&
	    lookback_publish(&state->archive.lookback, state->archive.repository, &state->main))
		state->upkeep.flushes = UPKEEP_FLUSHES;
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
	alerts_start(&state->alerts, &state->loop, &engine->wake, state->interval_ms);
	error = uv_async_init(&state->loop, &engine->wake, on_wake);
	if (!error)
		error = watch_start(&engine->watch, &state->loop, directory, on_look, engine);
	if (error < 0)
		return fault_set(fault, error, "%s cannot be watched: %s", directory,
		                 uv_strerror(error));
	mailbox_set_wake(state->in, &engine->wake);
	return 0;
}

int engine_init(struct engine *engine, git_repository *repository, struct fault *fault)
{
	int error;

	mails_init(&engine->state.waiters);
	upkeep_init(&engine->state.upkeep, git_repository_path(repository));
	error = archive_init(&engine->state.archive, repository, fault);
	return error ? error : init_loop(engine, fault);
}

void engine_run(struct engine *engine)
{
	uv_run(&engine->state.loop, UV_RUN_DEFAULT);
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
		uv_walk(&state->loop, close_handle, NULL);
		uv_run(&state->loop, UV_RUN_DEFAULT);
		uv_loop_close(&state->loop);
	}
	doors_clear(state);
	tasklog_clear(state);
	waiters_reply(&state->waiters, state->out, -ETIMEDOUT, NULL);
	archive_clear(&state->archive);
}
