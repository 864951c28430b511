// SPDX-License-Identifier: MIT
/*
 * History as its owner sees it: everything becomes a message to the thread (engine.c), and what
 * the thread has to say is said on the owner's loop. Touches no git once the thread runs.
 */
#include "history/history.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/base.h"
#include "history/folding.h"
#include "history/holding.h"
#include "history/loading.h"
#include "history/opening.h"
#include "history/revert.h"
#include "history/state.h"
#include "store/store.h"

#define DELIVER_AT_ONCE 256 /* messages to the owner, in one turn of its loop */

struct history {
	struct engine engine;
	struct queue in, out;
	struct segment *segment; /* owned copies */
	size_t segments;
	void (*propose)(void *context, struct history_proposal *proposal);
	void (*notice)(void *context, const char *line);
	void (*on_thread)(void *context);
	void *context;
	uv_async_t *deliver; /* on the owner's loop; freed when closed */
	uv_thread_t thread;
	bool running;
	uv_sem_t ended;
	int lock; /* the repository's */
	uint64_t next_token;
	struct loading *loading; /* start-up's */
	struct holding holding;
	bool loaded;
};

static int copy_segments(struct history *history, const struct history_options *options)
{
	history->segment = calloc(options->segments + 1, sizeof(*history->segment));
	if (!history->segment)
		return -ENOMEM;
	for (size_t i = 0; i < options->segments; i++) {
		const struct segment *from = &options->segment[i];
		struct prefix *prefix = calloc(from->prefixes + 1, sizeof(*prefix));

		history->segment[i].name = strdup(from->name);
		history->segment[i].prefix = prefix;
		history->segments++;
		if (!history->segment[i].name || !prefix)
			return -ENOMEM;
		if (from->prefixes > 0)
			memcpy(prefix, from->prefix, from->prefixes * sizeof(*prefix));
		history->segment[i].prefixes = from->prefixes;
	}
	return 0;
}

static void run(void *context)
{
	struct history *history = context;

	if (history->on_thread)
		history->on_thread(history->context);
	engine_run(&history->engine);
	uv_sem_post(&history->ended);
}

/* The owner is not asked, or asked no further: the rule decides. */
static void answer_without(struct history *history, struct history_proposal *proposal)
{
	struct message *answer = message_new(MESSAGE_ANSWER);

	if (answer) {
		answer->proposal = proposal;
		answer->status = -ECANCELED;
		queue_put(&history->in, answer);
	}
	holding_end(&history->holding, &history->in);
}

/* Says at most so much of what the thread has to say; false: there was less. `closing`: the table
 * is not to be changed any more. */
static bool deliver(struct history *history, unsigned most, bool closing)
{
	for (unsigned i = 0; i < most; i++) {
		struct message *message = queue_take(&history->out);

		if (!message)
			return false;
		switch (message->kind) {
		case MESSAGE_PROPOSE:
			if (closing) {
				answer_without(history, message->proposal);
			} else {
				holding_begin(&history->holding, message->proposal);
				history->propose(history->context, message->proposal);
			}
			break;
		case MESSAGE_DONE:
			message->done(message->argument, message->status, message->commit);
			break;
		case MESSAGE_OUTCOME:
			message->outcome_done(message->argument, message->outcome);
			break;
		case MESSAGE_NOTICE:
			if (history->notice)
				history->notice(history->context, message->text);
			else
				log_info("%s", message->text);
			break;
		default:
			break;
		}
		message_free(message);
	}
	return true;
}

static void on_deliver(uv_async_t *async)
{
	/* Others on the loop have their turn, too. */
	if (async->data && deliver(async->data, DELIVER_AT_ONCE, false))
		uv_async_send(async);
}

static void on_deliver_closed(uv_handle_t *handle)
{
	free(handle);
}

static void set_host(char *host, size_t size)
{
	if (gethostname(host, size) < 0)
		host[0] = '\0';
	host[size - 1] = '\0';
	if (!host[0])
		snprintf(host, size, "localhost");
}

static void destroy(struct history *history)
{
	engine_destroy(&history->engine);
	deliver(history, UINT_MAX, true);
	holding_clear(&history->holding);
	if (history->deliver) {
		queue_set_wake(&history->out, NULL);
		history->deliver->data = NULL;
		uv_close((uv_handle_t *)history->deliver, on_deliver_closed);
	}
	loading_free(history->loading);
	queue_destroy(&history->in);
	queue_destroy(&history->out);
	uv_mutex_destroy(&history->engine.status_lock);
	alerts_clear(&history->engine.alerts);
	uv_sem_destroy(&history->ended);
	repository_release(history->lock);
	for (size_t i = 0; i < history->segments; i++) {
		free((char *)history->segment[i].name);
		free((struct prefix *)history->segment[i].prefix);
	}
	free(history->segment);
	free(history);
}

static int start(struct history *history, const struct history_options *options,
                 struct fault *fault)
{
	int error;

	history->deliver = calloc(1, sizeof(*history->deliver));
	if (!history->deliver)
		return fault_set(fault, -ENOMEM, "out of memory");
	error = uv_async_init(options->loop, history->deliver, on_deliver);
	if (error < 0) {
		free(history->deliver);
		history->deliver = NULL;
		return fault_set(fault, error, "history cannot be attached to the loop: %s",
		                 uv_strerror(error));
	}
	history->deliver->data = history;
	queue_set_wake(&history->out, history->deliver);
	error = uv_thread_create(&history->thread, run, history);
	if (error < 0)
		return fault_set(fault, error, "history's thread cannot be started: %s",
		                 uv_strerror(error));
	history->running = true;
	return 0;
}

int history_open(struct history **history, const struct history_options *options,
                 struct fault *fault)
{
	struct history *made = calloc(1, sizeof(*made));
	git_repository *repository = NULL;
	struct engine *engine;
	int error;

	if (!made)
		return fault_set(fault, -ENOMEM, "out of memory");
	made->lock = -1;
	made->propose = options->propose;
	made->notice = options->notice;
	made->on_thread = options->on_thread;
	made->context = options->context;
	engine = &made->engine;
	engine->in = &made->in;
	engine->out = &made->out;
	engine->interval_ms = options->interval_ms;
	engine->backlog = options->backlog ? options->backlog : BACKLOG_DEFAULT;
	engine->upkeep.program = options->program;
	engine->upkeep.keep = options->keep;
	waiters_init(&engine->waiters);
	waiters_init(&engine->door.waiters);
	uv_mutex_init(&engine->status_lock);
	alerts_init(&engine->alerts);
	uv_sem_init(&made->ended, 0);
	queue_init(&made->in);
	queue_init(&made->out);
	holding_init(&made->holding);
	set_host(engine->host, sizeof(engine->host));
	snprintf(engine->status.path, sizeof(engine->status.path), "%s", options->path);
	error = copy_segments(made, options);
	if (error) {
		fault_set(fault, error, "out of memory");
		goto out;
	}
	engine->segment = made->segment;
	engine->segments = made->segments;
	engine->seed = options->seed;
	error = opening_open(&repository, &made->lock, options, engine->host, fault);
	if (error)
		goto out;
	error = engine_init(engine, repository, fault);
	if (!error)
		error = start(made, options, fault);
out:
	if (error)
		destroy(made);
	else
		*history = made;
	return error;
}

int history_load(struct history *history, uint64_t *about, struct fault *fault)
{
	struct message *message = message_new(MESSAGE_LOAD);

	history->loading = loading_new();
	if (!message || !history->loading) {
		message_free(message);
		return fault_set(fault, -ENOMEM, "out of memory");
	}
	message->loading = history->loading;
	queue_put(&history->in, message);
	return loading_wait(history->loading, about, fault);
}

int history_load_next(struct history *history, struct history_proposal **chunk, struct fault *fault)
{
	return loading_next(history->loading, chunk, fault);
}

int history_load_found(struct history *history, unsigned segment, uint32_t address,
                       struct entry *result)
{
	return loading_keep(history->loading, segment, address, result);
}

int history_loaded(struct history *history, struct fault *fault)
{
	struct message *message = message_new(MESSAGE_LOADED);

	if (!message)
		return fault_set(fault, -ENOMEM, "out of memory");
	message->loading = history->loading;
	uv_mutex_lock(&history->engine.status_lock);
	history->engine.status.queued += history->loading->kept.count;
	uv_mutex_unlock(&history->engine.status_lock);
	queue_put(&history->in, message);
	history->loaded = true;
	return 0;
}

void history_proposal_done(struct history *history, struct history_proposal *proposal)
{
	struct message *message = message_new(MESSAGE_ANSWER);

	if (!message) {
		/* Without an answer no merge would ever end. */
		log_error("out of memory: a merge cannot be answered");
		abort();
	}
	message->proposal = proposal;
	queue_put(&history->in, message);
	holding_end(&history->holding, &history->in);
}

/* A message about a change; takes over `after` in any case. */
static struct message *change_message(struct history *history, enum message_kind kind,
                                      const struct task_context *context, unsigned segment,
                                      uint32_t address, struct entry *after)
{
	struct message *message = message_new(kind);

	if (!message || context_copy(&message->context, context) < 0) {
		message_free(message);
		entry_free(after);
		return NULL;
	}
	message->transition =
	        (struct transition){.segment = segment, .address = address, .after = after};
	uv_mutex_lock(&history->engine.status_lock);
	history->engine.status.queued++;
	uv_mutex_unlock(&history->engine.status_lock);
	return message;
}

int history_record(struct history *history, const char *kind, const struct task_context *context,
                   unsigned segment, uint32_t address, struct entry *after, history_done_fn *done,
                   void *argument)
{
	struct message *message;
	char *text;

	if (!history->loaded || segment >= history->segments) {
		entry_free(after);
		return -EINVAL;
	}
	text = strdup(kind);
	message = change_message(history, MESSAGE_RECORD, context, segment, address, after);
	if (!text || !message) {
		free(text);
		message_free(message);
		return -ENOMEM;
	}
	message->text = text;
	message->done = done;
	message->argument = argument;
	holding_post(&history->holding, &history->in, message);
	return 0;
}

uint64_t history_begin(struct history *history, const char *kind)
{
	struct message *message = message_new(MESSAGE_BEGIN);
	uint64_t token = ++history->next_token;

	if (message)
		message->text = strdup(kind);
	if (!message || !message->text) {
		/* Its changes are recorded all the same, as tasks of their own. */
		message_free(message);
		return token;
	}
	message->task = token;
	queue_put(&history->in, message);
	return token;
}

int history_task_change(struct history *history, uint64_t task, const struct task_context *context,
                        unsigned segment, uint32_t address, struct entry *after)
{
	struct message *message;

	if (!history->loaded || segment >= history->segments) {
		entry_free(after);
		return -EINVAL;
	}
	message = change_message(history, MESSAGE_CHANGE, context, segment, address, after);
	if (!message)
		return -ENOMEM;
	message->task = task;
	holding_post(&history->holding, &history->in, message);
	return 0;
}

int history_mark(struct history *history, history_done_fn *done, void *argument)
{
	struct message *message = message_new(MESSAGE_MARK);

	if (!message)
		return -ENOMEM;
	message->done = done;
	message->argument = argument;
	queue_put(&history->in, message);
	return 0;
}

int history_end(struct history *history, uint64_t task, history_done_fn *done, void *argument)
{
	struct message *message = message_new(MESSAGE_END);

	if (!message)
		return -ENOMEM;
	message->task = task;
	message->done = done;
	message->argument = argument;
	holding_post(&history->holding, &history->in, message);
	return 0;
}

int history_merge(struct history *history, const char *branch, history_outcome_fn *done,
                  void *argument)
{
	struct message *message = message_new(MESSAGE_MERGE);

	if (message && branch)
		message->text = strdup(branch);
	if (!message || (branch && !message->text)) {
		message_free(message);
		return -ENOMEM;
	}
	message->outcome_done = done;
	message->argument = argument;
	queue_put(&history->in, message);
	return 0;
}

int history_revert(struct history *history, const struct history_revert *revert,
                   history_outcome_fn *done, void *argument)
{
	struct message *message = message_new(MESSAGE_REVERT);
	int error = message ? revert_copy(&message->revert, revert) : -ENOMEM;

	if (error) {
		message_free(message);
		return error;
	}
	message->outcome_done = done;
	message->argument = argument;
	queue_put(&history->in, message);
	return 0;
}

void history_status(struct history *history, struct history_status *status)
{
	uv_mutex_lock(&history->engine.status_lock);
	*status = history->engine.status;
	uv_mutex_unlock(&history->engine.status_lock);
	alerts_status(&history->engine.alerts, status);
}

static void wake_engine(struct history *history)
{
	uv_mutex_lock(&history->in.lock);
	if (history->in.wake)
		uv_async_send(history->in.wake);
	uv_mutex_unlock(&history->in.lock);
}

int history_alert(struct history *history, const struct history_alert *alert)
{
	int error = alerts_post(&history->engine.alerts, alert);

	if (!error)
		wake_engine(history);
	return error;
}

/* Whoever still waits for something that nobody will do. */
static void tell_left(struct history *history)
{
	struct history_outcome outcome = {.status = -ETIMEDOUT,
	                                  .text = "the agent stopped before it came to this"};
	struct message *message;

	while ((message = queue_take(&history->in))) {
		if (message->done)
			message->done(message->argument, -ETIMEDOUT, "");
		if (message->outcome_done)
			message->outcome_done(message->argument, &outcome);
		message_free(message);
	}
}

int history_close(struct history *history, uint32_t timeout_ms)
{
	struct history_status status;
	uint64_t deadline = uv_hrtime() + (uint64_t)timeout_ms * 1000000;
	bool ended = false;

	if (!history)
		return 0;
	atomic_store(&history->engine.stopping, true);
	if (history->loading)
		loading_cancel(history->loading);
	if (history->holding.proposal)
		answer_without(history, (struct history_proposal *)history->holding.proposal);
	wake_engine(history);
	while (!ended) {
		deliver(history, UINT_MAX, true);
		ended = uv_sem_trywait(&history->ended) == 0;
		if (!ended && uv_hrtime() > deadline) {
			atomic_store(&history->engine.giving_up, true);
			wake_engine(history);
		}
		if (!ended)
			uv_sleep(1);
	}
	uv_thread_join(&history->thread);
	tell_left(history);
	history_status(history, &status);
	if (status.alerts_waiting > 0)
		log_warning("%llu alerts were left unrecorded",
		            (unsigned long long)status.alerts_waiting);
	destroy(history);
	return status.queued > 0 ? -ETIMEDOUT : 0;
}
