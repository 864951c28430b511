// SPDX-License-Identifier: MIT
/*
 * History's thread: takes what is posted, in order; writes it out, at once when idle and once an
 * interval when busy; looks at the doors when something moved; and tries again when the disk says
 * no. Nothing posted is dropped: what cannot be written waits.
 */
#include "history/state.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/base.h"
#include "history/changes.h"
#include "history/folding.h"
#include "history/loading.h"
#include "store/store.h"

#define ROUND_MESSAGES   4096       /* then timers and other events have their turn */
#define PENDING_BYTES    (64 << 20) /* of objects in memory: written out in any case */
#define BACKOFF_FIRST_MS 200
#define BACKOFF_LAST_MS  5000
#define LOCK_RETRY_MS    20   /* git holds its locks for a moment only */
#define LOCK_PATIENCE_MS 1000 /* until somebody is told */
#define PATIENCE_MS      100  /* of other trouble: git's upkeep removes empty folders, say */
#define LOCK_STALE_S     10

void engine_notice(struct engine *engine, const char *format, ...)
{
	struct message *message = message_new(MESSAGE_NOTICE);
	va_list arguments;

	if (!message)
		return;
	va_start(arguments, format);
	if (vasprintf(&message->text, format, arguments) < 0)
		message->text = NULL;
	va_end(arguments);
	if (message->text)
		queue_put(engine->out, message);
	else
		message_free(message);
}

void engine_progress(struct engine *engine, uint64_t durable)
{
	struct history_status *status = &engine->status;

	uv_mutex_lock(&engine->status_lock);
	git_oid_tostr(status->tip, sizeof(status->tip), &engine->main);
	git_oid_tostr(status->applied, sizeof(status->applied), &engine->applied);
	status->commits += engine->commits_pending;
	status->kept_since = engine->upkeep.since;
	status->queued -= durable < status->queued ? durable : status->queued;
	uv_mutex_unlock(&engine->status_lock);
}

static void set_trouble(struct engine *engine, const char *text)
{
	uv_mutex_lock(&engine->status_lock);
	snprintf(engine->status.trouble, sizeof(engine->status.trouble), "%.255s", text);
	uv_mutex_unlock(&engine->status_lock);
}

/* The owner waits in history_load(). */
static void begin_load(struct engine *engine, struct loading *loading)
{
	struct fault fault = {""};
	int error = load_run(engine, loading, &fault);

	if (!error)
		engine_progress(engine, 0);
	loading_end(loading, error, &fault);
}

static int take_answer(struct engine *engine, struct message *message, struct fault *fault)
{
	struct door *door = &engine->door;
	int error = 0;

	if (message->status == -ECANCELED && door->active) {
		/* The owner is going: the rule decides. */
		error = record_commit_all(engine, fault);
		if (!error)
			error = merging_decide(engine, door->proposal, &engine->head.tree, fault);
	}
	if (error)
		return error;
	message->proposal = NULL; /* the door's, or gone */
	if (door->active) {
		door->answered = true;
		error = settle_door(engine, fault);
	}
	/* If it could not be settled, the step below tries again. */
	return door->active ? 0 : error;
}

/* Whoever posted it is told that history has come so far. */
static int pass_mark(const struct engine *engine, const struct message *message,
                     struct fault *fault)
{
	struct message *answer = message_new(MESSAGE_DONE);

	if (!answer)
		return fault_set(fault, -ENOMEM, "out of memory");
	answer->done = message->done;
	answer->argument = message->argument;
	queue_put(engine->out, answer);
	return 0;
}

static int handle(struct engine *engine, struct message *message, struct fault *fault)
{
	int error = 0;

	switch (message->kind) {
	case MESSAGE_RECORD:
		error = record_change(engine, message, fault);
		engine->unpublished += !error;
		break;
	case MESSAGE_BEGIN:
		error = record_begin(engine, message, fault);
		break;
	case MESSAGE_CHANGE:
		error = record_task_change(engine, message, fault);
		engine->unpublished += !error;
		break;
	case MESSAGE_MARK:
		error = pass_mark(engine, message, fault);
		break;
	case MESSAGE_END:
		error = record_end(engine, message, fault);
		break;
	case MESSAGE_ANSWER:
		error = take_answer(engine, message, fault);
		break;
	case MESSAGE_MERGE:
		error = doors_request(engine, message, fault);
		break;
	case MESSAGE_REVERT:
		error = doors_revert(engine, message, fault);
		break;
	case MESSAGE_LOAD:
		begin_load(engine, message->loading);
		break;
	case MESSAGE_LOADED:
		error = load_answer(engine, message->loading, fault);
		break;
	default:
		break;
	}
	return error;
}

/* A proposal that the owner has merged must be settled before anything that was posted after it. */
static bool must_settle(const struct engine *engine)
{
	return engine->door.active && engine->door.answered;
}

/* More waits than may: of each address the last change stays. */
static void fold_backlog(struct engine *engine)
{
	uint64_t dropped;
	size_t waiting;

	uv_mutex_lock(&engine->in->lock);
	waiting = engine->in->count;
	uv_mutex_unlock(&engine->in->lock);
	if (waiting < engine->backlog)
		engine->fold_at = engine->backlog;
	if (waiting < engine->fold_at)
		return;
	dropped = folding_run(engine->in);
	/* So that it is worth its time, whatever is left. */
	engine->fold_at = engine->backlog + 2 * (waiting - dropped);
	if (dropped == 0)
		return;
	uv_mutex_lock(&engine->status_lock);
	engine->status.queued -= dropped < engine->status.queued ? dropped : engine->status.queued;
	engine->status.dropped += dropped;
	uv_mutex_unlock(&engine->status_lock);
	engine_notice(engine,
	              "history is behind by %zu changes: %llu transitions are dropped, the last "
	              "state of each address is kept",
	              waiting, (unsigned long long)dropped);
}

static int drain(struct engine *engine, struct fault *fault)
{
	struct message *message;

	for (int i = 0; i < ROUND_MESSAGES; i++) {
		int error = must_settle(engine) ? settle_door(engine, fault) : 0;

		if (error)
			return error;
		if (writer_pending_bytes(engine->writer) > PENDING_BYTES) {
			engine->urgent = true;
			return 0;
		}
		message = queue_take(engine->in);
		if (!message)
			return 0;
		error = handle(engine, message, fault);
		if (error) {
			queue_return(engine->in, message);
			return error;
		}
		message_free(message);
	}
	return 0;
}

static bool has_work(struct engine *engine)
{
	const git_oid *reflected = engine->frozen ? &engine->reflected : &engine->head.commit;

	return engine->loaded &&
	       (engine->batch || alerts_are_due(engine) || engine->waiters.first ||
	        engine->removal || engine->branches.waiting_count > 0 || engine->unpublished > 0 ||
	        !git_oid_equal(&engine->main, &engine->head.commit) ||
	        !git_oid_equal(&engine->applied, reflected));
}

/* What only waits for the end of its task is not due. */
static bool has_due_work(struct engine *engine)
{
	uint64_t open = 0;

	for (const struct task *task = engine->task; task; task = task->next)
		open += task->pending.count + task->done;
	return has_work(engine) &&
	       (open == 0 || engine->unpublished > open || engine->batch || engine->waiters.first ||
	        alerts_are_due(engine) || writer_pending_bytes(engine->writer) > PENDING_BYTES ||
	        !git_oid_equal(&engine->main, &engine->head.commit));
}

static int write_out(struct engine *engine, struct fault *fault)
{
	int error = engine->closing ? record_commit_all(engine, fault)
	                            : record_commit_batches(engine, fault);

	if (!error)
		error = publish(engine, fault);
	if (error == -ESTALE) {
		/* Others were first: what they did is merged, then we try again. */
		engine->look = true;
		return 0;
	}
	if (!error) {
		engine->last_flush = uv_now(&engine->loop);
		engine->urgent = false;
	}
	return error;
}

static int work(struct engine *engine, struct fault *fault)
{
	bool due;
	int error = drain(engine, fault);

	if (!error && engine->look)
		error = doors_look(engine, fault);
	if (!error)
		error = doors_step(engine, fault);
	if (error == -ESTALE) {
		engine->look = true;
		error = 0;
	}
	if (error)
		return error;
	due = engine->urgent || engine->closing ||
	      uv_now(&engine->loop) - engine->last_flush >= engine->interval_ms;
	return has_due_work(engine) && due ? write_out(engine, fault) : 0;
}

/* A lock file that nobody seems to hold any more: -1 if there is none. */
static long stale_lock(const struct engine *engine, char *path, size_t size)
{
	static const char *const locks[] = {MAIN_REF, APPLIED_REF, "packed-refs", "HEAD", "config"};
	struct stat status;

	for (size_t i = 0; i < sizeof(locks) / sizeof(locks[0]); i++) {
		long age;

		snprintf(path, size, "%s%s.lock", git_repository_path(engine->repository),
		         locks[i]);
		age = stat(path, &status) == 0 ? (long)(time(NULL) - status.st_mtime) : -1;
		if (age >= LOCK_STALE_S)
			return age;
	}
	return -1;
}

/* Waits and tries again. Says so once. */
static void have_trouble(struct engine *engine, int error, const struct fault *fault)
{
	uint64_t now = uv_now(&engine->loop);
	char path[512], text[FAULT_TEXT];
	long age = -1;

	if (engine->backoff_ms == 0)
		engine->trouble_since = now;
	if (now - engine->trouble_since < (error == -EBUSY ? LOCK_PATIENCE_MS : PATIENCE_MS)) {
		engine->backoff_ms = LOCK_RETRY_MS;
		return;
	}
	engine->backoff_ms =
	        engine->backoff_ms < BACKOFF_FIRST_MS ? BACKOFF_FIRST_MS : 2 * engine->backoff_ms;
	if (engine->backoff_ms > BACKOFF_LAST_MS)
		engine->backoff_ms = BACKOFF_LAST_MS;
	if (error == -EBUSY)
		age = stale_lock(engine, path, sizeof(path));
	if (age >= 0)
		snprintf(text, sizeof(text),
		         "%.300s has been there for %ld s: a git process that died left it; if "
		         "none is running, remove it",
		         path, age);
	else
		snprintf(text, sizeof(text), "%s", fault->text);
	set_trouble(engine, text);
	if (!engine->trouble_said)
		log_error("history cannot be written, changes are kept and tried again: %s", text);
	engine->trouble_said = true;
}

static void have_none(struct engine *engine)
{
	if (engine->trouble_said)
		log_info("history is written again");
	if (engine->backoff_ms > 0)
		set_trouble(engine, "");
	engine->backoff_ms = 0;
	engine->trouble_said = false;
}

static void close_all(struct engine *engine)
{
	engine->finished = true;
	queue_set_wake(engine->in, NULL);
	watch_stop(&engine->watch);
	upkeep_stop(&engine->upkeep);
	alerts_stop(engine);
	uv_close((uv_handle_t *)&engine->wake, NULL);
	uv_close((uv_handle_t *)&engine->flush_timer, NULL);
	uv_close((uv_handle_t *)&engine->retry_timer, NULL);
}

static void on_timer(uv_timer_t *timer);

static void step(struct engine *engine)
{
	struct fault fault = {""};
	uint64_t now, since;
	bool more;
	int error;

	if (engine->finished)
		return;
	if (atomic_load(&engine->giving_up)) {
		close_all(engine);
		return;
	}
	engine->closing |= atomic_load(&engine->stopping);
	fold_backlog(engine);
	if (uv_is_active((uv_handle_t *)&engine->retry_timer))
		return;
	uv_update_time(&engine->loop);
	error = work(engine, &fault);
	if (error) {
		repository_refresh(engine->repository); /* that may be what is wrong */
		have_trouble(engine, error, &fault);
		uv_timer_start(&engine->retry_timer, on_timer,
		               engine->closing ? LOCK_RETRY_MS : engine->backoff_ms, 0);
		return;
	}
	have_none(engine);
	/* The index is behind: the upkeep process is started at the next publication. */
	if (engine->loaded &&
	    lookback_publish(&engine->lookback, engine->repository, &engine->main))
		engine->upkeep.flushes = UPKEEP_FLUSHES;
	uv_mutex_lock(&engine->in->lock);
	more = engine->in->count > 0;
	uv_mutex_unlock(&engine->in->lock);
	/* Its answer wakes us. */
	if (engine->closing && engine->door.active && !engine->door.answered && !more)
		return;
	more |= engine->look || must_settle(engine) ||
	        (engine->request && !engine->door.active && !engine->closing);
	alerts_arm(engine);
	if (more || (engine->closing && has_work(engine))) {
		uv_async_send(&engine->wake);
	} else if (engine->closing) {
		if (!alerts_hold_up(engine))
			close_all(engine);
	} else if (has_due_work(engine)) {
		now = uv_now(&engine->loop);
		since = now - engine->last_flush;
		uv_timer_start(&engine->flush_timer, on_timer,
		               since < engine->interval_ms ? engine->interval_ms - since : 1, 0);
	}
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

	engine->look = true;
	step(engine);
}

static int init_loop(struct engine *engine, struct fault *fault)
{
	const char *directory = git_repository_path(engine->repository);
	int error = uv_loop_init(&engine->loop);

	if (error < 0)
		return fault_set(fault, error, "an event loop cannot be made: %s",
		                 uv_strerror(error));
	engine->has_loop = true;
	engine->wake.data = engine->flush_timer.data = engine->retry_timer.data = engine;
	uv_timer_init(&engine->loop, &engine->flush_timer);
	uv_timer_init(&engine->loop, &engine->retry_timer);
	alerts_start(engine);
	error = uv_async_init(&engine->loop, &engine->wake, on_wake);
	if (!error)
		error = watch_start(&engine->watch, &engine->loop, directory, on_look, engine);
	if (error < 0)
		return fault_set(fault, error, "%s cannot be watched: %s", directory,
		                 uv_strerror(error));
	queue_set_wake(engine->in, &engine->wake);
	return 0;
}

int engine_init(struct engine *engine, git_repository *repository, struct fault *fault)
{
	char committer[300];
	git_oid main;
	int error;

	engine->repository = repository;
	upkeep_init(&engine->upkeep, git_repository_path(repository));
	waiters_init(&engine->waiters);
	waiters_init(&engine->door.waiters);
	snprintf(committer, sizeof(committer), "arpkeeper <arpkeeper@%s>", engine->host);
	error = writer_new(&engine->writer, repository, committer, fault);
	if (error)
		return error;
	error = refs_read(&main, repository, MAIN_REF, fault);
	if (error && error != -ENOENT)
		return error;
	error = branches_load(&engine->branches, repository, error ? NULL : &main, fault);
	if (error)
		return error;
	return init_loop(engine, fault);
}

void engine_run(struct engine *engine)
{
	uv_run(&engine->loop, UV_RUN_DEFAULT);
}

static void close_handle(uv_handle_t *handle, void *context)
{
	(void)context;
	if (!uv_is_closing(handle))
		uv_close(handle, NULL);
}

void engine_destroy(struct engine *engine)
{
	if (engine->has_loop) {
		uv_walk(&engine->loop, close_handle, NULL);
		uv_run(&engine->loop, UV_RUN_DEFAULT);
		uv_loop_close(&engine->loop);
	}
	doors_clear(engine);
	record_clear(engine);
	waiters_tell(&engine->waiters, engine->out, -ETIMEDOUT, NULL);
	branches_clear(&engine->branches);
	lookback_clear(&engine->lookback);
	writer_free(engine->writer);
	git_repository_free(engine->repository);
}
