// SPDX-License-Identifier: MIT
/*
 * History as its owner sees it: every call becomes a message to the thread (engine.c), and the
 * thread's messages become callbacks on the owner's loop. Touches no git once the thread runs.
 */
#include "history/history.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "history/engine.h"
#include "history/loading.h"
#include "history/message.h"
#include "history/opening.h"

#define DELIVER_AT_ONCE 256 /* messages to the owner, in one turn of its loop */

struct history {
	struct engine engine;
	struct mailbox in, out;
	struct shared_status status;
	struct history_options options; /* what they point to is the caller's, but the segments */
	struct segment *segment;        /* owned */
	uv_async_t *deliver;            /* on the owner's loop; freed when closed */
	uv_thread_t thread;
	uv_sem_t ended;
	int lock; /* the repository's */
	uint64_t next_token, number;
	struct loading *loading;                 /* start-up's */
	const struct history_proposal *proposal; /* the owner is merging it; NULL: none */
	struct mails held;
	bool loaded;
};

static void post(struct history *history, struct message *message)
{
	message->number = history->number;
	mailbox_put(&history->in, &message->mail);
}

/* While the owner merges a proposal, the log stays linear, as in ledger/offer.h: what is merged
 * already waits for the answer, and so does the end of a task behind it. */
static bool is_merged(const struct history_proposal *proposal, const struct transition *change)
{
	const struct history_item key = {.segment = change->segment, .address = change->address};

	/* Items are sorted, and merged in this order. */
	return proposal && proposal->merged > 0 &&
	       bsearch(&key, proposal->item, proposal->merged, sizeof(key), proposal_compare);
}

/* Posts or holds a change or the end of a task. */
static void post_in_order(struct history *history, struct message *message)
{
	bool hold = message->kind == MESSAGE_END
	                    ? history->held.count > 0
	                    : is_merged(history->proposal, &message->change.transition);

	if (hold)
		mails_add(&history->held, &message->mail);
	else
		post(history, message);
}

/* The answer is posted: posts everything held. */
static void end_holding(struct history *history)
{
	struct mail *mail;

	while ((mail = mails_take(&history->held)))
		mailbox_put(&history->in, mail);
	history->proposal = NULL;
}

static void run(void *context)
{
	struct history *history = context;

	if (history->options.on_thread)
		history->options.on_thread(history->options.context);
	uv_run(&history->engine.state.loop, UV_RUN_DEFAULT);
	uv_sem_post(&history->ended);
}

/* The owner has merged the proposal. `cancelled`: it merges no (further) item, the rule decides. */
static void answer(struct history *history, bool cancelled)
{
	struct message *message = message_new(MESSAGE_ANSWER);

	if (message) {
		message->cancelled = cancelled;
		post(history, message);
	} else if (!cancelled) {
		/* Without an answer no merge would ever end. */
		log_error("out of memory: a merge cannot be answered");
		abort();
	}
	end_holding(history);
}

static void deliver_one(struct history *history, struct message *message, bool closing)
{
	const struct history_options *options = &history->options;

	switch (message->kind) {
	case MESSAGE_PROPOSE:
		if (closing) {
			answer(history, true);
		} else {
			history->proposal = message->proposal;
			options->propose(options->context, message->proposal);
		}
		break;
	case MESSAGE_DONE:
		message->done.call(message->done.argument, message->done.status,
		                   message->done.commit);
		break;
	case MESSAGE_OUTCOME:
		message->outcome.call(message->outcome.argument, message->outcome.outcome);
		break;
	case MESSAGE_NOTICE:
		if (options->notice)
			options->notice(options->context, message->notice);
		else
			log_info("%s", message->notice);
		break;
	default:
		break;
	}
}

/* Delivers at most so many of the thread's messages; false: there were fewer. `closing`: the table
 * must not change any more. */
static bool deliver(struct history *history, unsigned most, bool closing)
{
	for (unsigned i = 0; i < most; i++) {
		struct message *message = message_of(mailbox_take(&history->out));

		if (!message)
			return false;
		deliver_one(history, message, closing);
		message_free(message);
	}
	return true;
}

static void on_deliver(uv_async_t *async)
{
	/* Other events of the loop have their turn, too. */
	if (async->data && deliver(async->data, DELIVER_AT_ONCE, false))
		uv_async_send(async);
}

static void on_deliver_closed(uv_handle_t *handle)
{
	free(handle);
}

static void destroy(struct history *history)
{
	struct mail *mail;

	engine_destroy(&history->engine);
	deliver(history, UINT_MAX, true);
	end_holding(history);
	if (history->deliver) {
		mailbox_set_wake(&history->out, NULL);
		history->deliver->data = NULL;
		uv_close((uv_handle_t *)history->deliver, on_deliver_closed);
	}
	loading_free(history->loading);
	while ((mail = mailbox_take(&history->in)))
		message_free(message_of(mail));
	mailbox_destroy(&history->in);
	mailbox_destroy(&history->out);
	status_destroy(&history->status);
	alerts_clear(&history->engine.state.alerts);
	uv_sem_destroy(&history->ended);
	repository_release(history->lock);
	segments_free(history->segment, history->segment ? history->options.segments : 0);
	free(history);
}

static int start(struct history *history, struct fault *fault)
{
	int error;

	history->deliver = calloc(1, sizeof(*history->deliver));
	if (!history->deliver)
		return fault_set(fault, -ENOMEM, "out of memory");
	error = uv_async_init(history->options.loop, history->deliver, on_deliver);
	if (error < 0) {
		free(history->deliver);
		history->deliver = NULL;
		return fault_set(fault, error, "history cannot be attached to the loop: %s",
		                 uv_strerror(error));
	}
	history->deliver->data = history;
	mailbox_set_wake(&history->out, history->deliver);
	error = uv_thread_create(&history->thread, run, history);
	return error < 0 ? fault_set(fault, error, "history's thread cannot be started: %s",
	                             uv_strerror(error))
	                 : 0;
}

static void set_up_engine(struct history *history)
{
	const struct history_options *options = &history->options;
	struct engine *engine = &history->engine;
	struct state *state = &engine->state;

	engine->seed = options->seed;
	state->in = &history->in;
	state->out = &history->out;
	state->status = &history->status;
	state->interval_ms = options->interval_ms;
	state->guard = options->guard;
	state->archive.segment = history->segment;
	state->archive.segments = options->segments;
	state->progress = options->progress;
	state->again = options->again;
	state->lock = &history->lock;
	state->context = options->context;
	state->resumed = options->resumed;
	alerts_init(&state->alerts);
}

int history_open(struct history **history, const struct history_options *options,
                 struct fault *fault)
{
	struct history *made = calloc(1, sizeof(*made));
	git_repository *repository = NULL;
	int error;

	if (!made)
		return fault_set(fault, -ENOMEM, "out of memory");
	made->lock = -1;
	made->options = *options;
	made->segment = segments_copy(options->segment, options->segments);
	status_init(&made->status, options->path);
	uv_sem_init(&made->ended, 0);
	mailbox_init(&made->in);
	mailbox_init(&made->out);
	mails_init(&made->held);
	set_up_engine(made);
	error = made->segment ? opening_open(&repository, &made->lock, options,
	                                     &made->engine.state.archive, fault)
	                      : fault_set(fault, -ENOMEM, "out of memory");
	if (!error)
		error = engine_init(&made->engine, repository, options, fault);
	if (!error)
		error = start(made, fault);
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
	post(history, message);
	return loading_wait(history->loading, about, fault);
}

const struct history_start *history_start(const struct history *history)
{
	return &history->loading->start;
}

void history_number(struct history *history, uint64_t number)
{
	history->number = number;
}

int history_load_next(struct history *history, struct history_proposal **chunk, struct fault *fault)
{
	return loading_next(history->loading, chunk, fault);
}

int history_load_found(struct history *history, unsigned segment, struct address address,
                       struct entry *result, bool own)
{
	return own ? loading_own(history->loading, segment, address)
	           : loading_keep(history->loading, segment, address, result);
}

int history_loaded(struct history *history, struct fault *fault)
{
	struct message *message = message_new(MESSAGE_LOADED);

	if (!message)
		return fault_set(fault, -ENOMEM, "out of memory");
	message->loading = history->loading;
	status_queued(&history->status, history->loading->kept.count);
	post(history, message);
	history->loaded = true;
	return 0;
}

void history_proposal_done(struct history *history, struct history_proposal *proposal)
{
	(void)proposal;
	answer(history, false);
}

/* Posts a change; takes over `after` in any case. */
static int post_change(struct history *history, uint64_t task, const char *kind,
                       const struct task_context *context, struct transition transition,
                       history_done_fn *done, void *argument)
{
	bool known = history->loaded && transition.segment < history->options.segments;
	struct message *message = known ? message_new(MESSAGE_CHANGE) : NULL;

	if (!message) {
		entry_free(transition.after);
		return known ? -ENOMEM : -EINVAL;
	}
	message->change.task = task;
	message->change.transition = transition;
	if (text_copy(&message->change.kind, kind) < 0 ||
	    context_copy(&message->change.context, context) < 0 ||
	    message_want_done(message, done, argument) < 0) {
		message_free(message);
		return -ENOMEM;
	}
	status_queued(&history->status, 1);
	post_in_order(history, message);
	return 0;
}

int history_record(struct history *history, const char *kind, const struct task_context *context,
                   unsigned segment, struct address address, struct entry *after,
                   history_done_fn *done, void *argument)
{
	struct transition transition = {.segment = segment, .address = address, .after = after};

	return post_change(history, 0, kind, context, transition, done, argument);
}

int history_task_change(struct history *history, uint64_t task, const struct task_context *context,
                        unsigned segment, struct address address, struct entry *after)
{
	struct transition transition = {.segment = segment, .address = address, .after = after};

	return post_change(history, task, NULL, context, transition, NULL, NULL);
}

int history_begin_as(struct history *history, uint64_t task, const char *kind)
{
	struct message *message = message_begin(task, kind);

	if (message)
		post(history, message);
	return message ? 0 : -ENOMEM;
}

uint64_t history_begin(struct history *history, const char *kind)
{
	/* Without memory its changes are recorded all the same, as tasks of their own. */
	(void)history_begin_as(history, ++history->next_token, kind);
	return history->next_token;
}

int history_end(struct history *history, uint64_t task, history_done_fn *done, void *argument)
{
	struct message *message = message_waiting(MESSAGE_END, done, argument);

	if (!message)
		return -ENOMEM;
	message->task.token = task;
	post_in_order(history, message);
	return 0;
}

int history_mark(struct history *history, history_done_fn *done, void *argument)
{
	struct message *message = message_waiting(MESSAGE_MARK, done, argument);

	if (!message)
		return -ENOMEM;
	post(history, message);
	return 0;
}

/* Posts a request, which it takes over unless it fails. `error` is that of making the request. */
static int post_request(struct history *history, struct request *request, int error,
                        history_outcome_fn *done, void *argument)
{
	struct message *message = error ? NULL : message_new(MESSAGE_REQUEST);

	if (error)
		return error;
	if (!message || message_want_outcome(message, done, argument) < 0) {
		message_free(message);
		request_free(request);
		return -ENOMEM;
	}
	message->request = request;
	post(history, message);
	return 0;
}

int history_merge(struct history *history, const char *branch, uint32_t confirmed,
                  history_outcome_fn *done, void *argument)
{
	struct request *request = NULL;
	int error = request_merge(&request, branch, confirmed);

	return post_request(history, request, error, done, argument);
}

int history_revert(struct history *history, const struct history_revert *revert,
                   history_outcome_fn *done, void *argument)
{
	struct request *request = NULL;
	int error = request_revert(&request, revert);

	return post_request(history, request, error, done, argument);
}

const struct pulse *history_pulse(const struct history *history)
{
	return &history->engine.pulse;
}

void history_status(struct history *history, struct history_status *status)
{
	status_read(&history->status, status);
	alerts_status(&history->engine.state.alerts, status);
}

int history_alert(struct history *history, const struct history_alert *alert)
{
	int error = alerts_post(&history->engine.state.alerts, alert);

	if (!error)
		mailbox_wake(&history->in);
	return error;
}

/* Replies to the senders of messages that the thread did not read. */
static void reply_to_rest(struct history *history)
{
	static const struct history_outcome outcome = {
	        .status = -ETIMEDOUT, .text = "the agent stopped before it came to this"};
	struct message *message;
	struct mails waiters;

	mails_init(&waiters);
	while ((message = message_of(mailbox_take(&history->in)))) {
		waiters_add(&waiters, message);
		message_free(message);
	}
	waiters_set_outcome(&waiters, &outcome);
	waiters_reply(&waiters, &history->out, -ETIMEDOUT, NULL);
	deliver(history, UINT_MAX, true);
}

int history_close(struct history *history, uint32_t timeout_ms)
{
	struct history_status status;
	uint64_t deadline = uv_hrtime() + (uint64_t)timeout_ms * 1000000;

	if (!history)
		return 0;
	atomic_store(&history->engine.stopping, true);
	if (history->loading)
		loading_cancel(history->loading);
	if (history->proposal)
		answer(history, true);
	mailbox_wake(&history->in);
	while (uv_sem_trywait(&history->ended) != 0) {
		deliver(history, UINT_MAX, true);
		if (uv_hrtime() > deadline) {
			atomic_store(&history->engine.giving_up, true);
			mailbox_wake(&history->in);
		}
		uv_sleep(1);
	}
	uv_thread_join(&history->thread);
	reply_to_rest(history);
	history_status(history, &status);
	if (status.alerts_waiting > 0)
		log_warning("%llu alerts were left unrecorded",
		            (unsigned long long)status.alerts_waiting);
	destroy(history);
	return status.queued > 0 ? -ETIMEDOUT : 0;
}
