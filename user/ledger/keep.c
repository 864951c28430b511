/* SPDX-License-Identifier: MIT */
/* What the table's owner calls: each becomes a post, in order. */
#include "ledger/keep.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>

#include "ledger/life.h"
#include "ledger/receive.h"

#define BACKLOG_DEFAULT 131072 /* posts; about 30 MB */
#define ADDRESSES_MOST  (1 << 24)
#define SILENT_MS       3000 /* of a recorder that was asked: status says it */
#define TURN_MS         1000

/* --- the start ------------------------------------------------------------------------------- */

static size_t count_addresses(const struct ledger_options *options)
{
	uint64_t count = 0;

	for (size_t s = 0; s < options->segments; s++) {
		for (size_t i = 0; i < options->segment[s].prefixes; i++) {
			const uint64_t size = prefix_size(options->segment[s].prefix[i]);

			count += size < ADDRESSES_MOST - count ? size : ADDRESSES_MOST - count;
		}
	}
	return (size_t)count;
}

/* Why the first recorder did not start. */
static int explain(const struct ledger *ledger, int error, struct fault *fault)
{
	const struct ledger_options *options = &ledger->options;

	if (ledger->failure.text[0])
		return fault_set(fault, ledger->closed ? ledger->closed : error,
		                 ledger->closed ? "%s" : "the recorder ended while it started: %s",
		                 ledger->failure.text);
	if (options->await_end)
		options->await_end(options->context);
	return fault_set(fault, error, "the recorder ended while it started: %s",
	                 ledger->end.text[0] ? ledger->end.text : "see the log");
}

int ledger_start(struct ledger **ledger, const struct ledger_options *options, struct fault *fault)
{
	struct ledger *made = calloc(1, sizeof(*made));
	int error;

	if (!made)
		return fault_set(fault, -ENOMEM, "out of memory");
	made->options = *options;
	made->source = (struct packet_source){true, options->segment, options->segments};
	made->addresses = count_addresses(options);
	made->pipe.socket = -1;
	posts_init(&made->posts, options->backlog ? options->backlog : BACKLOG_DEFAULT);
	offer_init(&made->offer);
	alertqueue_init(&made->alerts);
	life_init(made);
	/* Before the start, in which the owner may hear already that the recorder has ended. */
	*ledger = made;
	error = life_start(made, fault);
	if (error) {
		*ledger = NULL;
		life_free(made);
	}
	return error;
}

int ledger_opened(struct ledger *ledger, int wait_ms, uint64_t *about, struct fault *fault)
{
	int error = ledger->stage == LEDGER_OPENING ? life_turn(ledger, wait_ms) : 0;

	if (error)
		return explain(ledger, error, fault);
	*about = ledger->about;
	return ledger->stage == LEDGER_OPENING ? -EAGAIN : 0;
}

int ledger_open(struct ledger **ledger, const struct ledger_options *options, uint64_t *about,
                struct fault *fault)
{
	struct ledger *made = NULL;
	int error = ledger_start(&made, options, fault);

	if (!made)
		return error;
	do
		error = ledger_opened(made, TURN_MS, about, fault);
	while (error == -EAGAIN);
	if (error)
		life_free(made);
	else
		*ledger = made;
	return error;
}

bool ledger_may_retry(const struct ledger *ledger)
{
	return !ledger->loaded && ledger->stage == LEDGER_DOWN && !ledger->closed;
}

static int take_back(struct ledger *ledger)
{
	int error = 0;

	if (!ledger->given.item)
		return 0;
	for (size_t i = 0; i < ledger->given.items && !error; i++)
		error = receive_keep(ledger, &ledger->given.item[i]);
	ledger->given = (struct history_proposal){0};
	packet_clear(&ledger->chunk);
	return error;
}

int ledger_load_some(struct ledger *ledger, int wait_ms, struct history_proposal **chunk,
                     struct fault *fault)
{
	int error = take_back(ledger);

	if (error)
		return fault_set(fault, error, "out of memory");
	if (!ledger->chunk.memory && !ledger->read) {
		error = life_turn(ledger, wait_ms);
		if (error)
			return explain(ledger, error, fault);
	}
	if (!ledger->chunk.memory)
		return ledger->read ? 0 : -EAGAIN;
	ledger->given.item = ledger->chunk.items.item;
	ledger->given.items = ledger->chunk.items.count;
	ledger->given.source = "main";
	*chunk = &ledger->given;
	return 1;
}

int ledger_load_next(struct ledger *ledger, struct history_proposal **chunk, struct fault *fault)
{
	int error;

	do
		error = ledger_load_some(ledger, TURN_MS, chunk, fault);
	while (error == -EAGAIN);
	return error;
}

int ledger_load_found(struct ledger *ledger, unsigned segment, struct address address,
                      struct entry *result)
{
	int error = receive_found(ledger, segment, address, result);

	entry_free(result);
	return error;
}

void ledger_loaded(struct ledger *ledger)
{
	const struct packet loaded = {.kind = PACKET_LOADED};

	(void)pipe_put(&ledger->pipe, &loaded);
	ledger->loaded = true;
	ledger->stage = LEDGER_RUNNING;
	receive_tell_lost(ledger);
	life_push(ledger);
	life_begin(ledger);
	/* Reading a million entries leaves much memory that is not needed again. */
	malloc_trim(0);
}

bool ledger_was_partial(const struct ledger *ledger)
{
	return ledger->lost.text[0] != '\0';
}

bool ledger_is_pending(const struct ledger *ledger, unsigned segment, struct address address)
{
	return addresses_have(&ledger->pending, segment, address);
}

/* --- posts ----------------------------------------------------------------------------------- */

static void add(struct ledger *ledger, struct post *post)
{
	char line[160];
	size_t waiting = ledger->posts.changes;
	uint64_t dropped;

	posts_add(&ledger->posts, post);
	/* What a recorder before this one made durable is not reported. */
	if (waiting <= ledger->posts.durable)
		ledger->behind_ns = 0;
	if (post->kind == PACKET_CHANGE && ledger->behind_ns == 0)
		ledger->behind_ns = uv_hrtime();
	dropped = posts_fold(&ledger->posts);
	if (dropped == 0)
		return;
	snprintf(
	        line, sizeof(line),
	        "history is behind by %zu changes: %llu transitions are dropped, the last state of "
	        "each address is kept",
	        waiting, (unsigned long long)dropped);
	ledger->options.notice(ledger->options.context, line);
}

/* Posts a change or the end of a task, or holds it until a proposal is answered. */
static void add_in_order(struct ledger *ledger, struct post *post)
{
	if (!offer_holds(&ledger->offer, post))
		add(ledger, post);
}

static int post_change(struct ledger *ledger, uint64_t task, const char *kind,
                       const struct task_context *context, struct transition *transition,
                       history_done_fn *done, void *argument)
{
	struct packet packet = {.kind = PACKET_CHANGE,
	                        .change = {.task = task,
	                                   .wait = done != NULL,
	                                   .kind = kind,
	                                   .segment = transition->segment,
	                                   .address = transition->address,
	                                   .after = transition->after}};
	struct post *post;

	if (!ledger->loaded || transition->segment >= ledger->options.segments) {
		entry_free(transition->after);
		return -EINVAL;
	}
	if (context)
		packet.change.context = *context;
	post = post_new(&packet);
	entry_free(transition->after);
	if (!post)
		return -ENOMEM;
	post->task = task;
	post->segment = transition->segment;
	post->address = transition->address;
	post->done = done;
	post->argument = argument;
	/* While another recorder loads, its address is not compared any more. */
	if (ledger->stage == LEDGER_LOADING)
		(void)addresses_add(&ledger->pending, post->segment, post->address);
	add_in_order(ledger, post);
	return 0;
}

int ledger_record(struct ledger *ledger, const char *kind, const struct task_context *context,
                  unsigned segment, struct address address, struct entry *after,
                  history_done_fn *done, void *argument)
{
	struct transition transition = {.segment = segment, .address = address, .after = after};

	return post_change(ledger, 0, kind, context, &transition, done, argument);
}

int ledger_task_change(struct ledger *ledger, uint64_t task, const struct task_context *context,
                       unsigned segment, struct address address, struct entry *after)
{
	struct transition transition = {.segment = segment, .address = address, .after = after};

	return post_change(ledger, task, NULL, context, &transition, NULL, NULL);
}

uint64_t ledger_begin(struct ledger *ledger, const char *kind)
{
	uint64_t token = ++ledger->next_token;
	const struct packet packet = {.kind = PACKET_BEGIN, .task = {.token = token, .kind = kind}};
	struct post *post = post_new(&packet);

	/* Without memory its changes are recorded all the same, as tasks of their own. */
	if (post) {
		post->task = token;
		add(ledger, post);
	}
	return token;
}

int ledger_end(struct ledger *ledger, uint64_t task, history_done_fn *done, void *argument)
{
	const struct packet packet = {.kind = PACKET_END,
	                              .task = {.token = task, .wait = done != NULL}};
	struct post *post = post_new(&packet);

	if (!post)
		return -ENOMEM;
	post->task = task;
	post->done = done;
	post->argument = argument;
	add_in_order(ledger, post);
	return 0;
}

int ledger_mark(struct ledger *ledger, history_done_fn *done, void *argument)
{
	const struct packet packet = {.kind = PACKET_MARK};
	struct post *post = post_new(&packet);

	if (!post)
		return -ENOMEM;
	post->done = done;
	post->argument = argument;
	add(ledger, post);
	return 0;
}

static int post_request(struct ledger *ledger, const struct packet *packet,
                        history_outcome_fn *done, void *argument)
{
	struct post *post = post_new(packet);

	if (!post)
		return -ENOMEM;
	post->outcome = done;
	post->argument = argument;
	add(ledger, post);
	return 0;
}

int ledger_merge(struct ledger *ledger, const char *branch, uint32_t confirmed,
                 history_outcome_fn *done, void *argument)
{
	const struct packet packet = {.kind = PACKET_MERGE, .merge = {branch, confirmed}};

	return post_request(ledger, &packet, done, argument);
}

int ledger_revert(struct ledger *ledger, const struct history_revert *revert,
                  history_outcome_fn *done, void *argument)
{
	const struct packet packet = {.kind = PACKET_REVERT, .revert = *revert};

	return post_request(ledger, &packet, done, argument);
}

void ledger_proposal_done(struct ledger *ledger)
{
	if (offer_answer(&ledger->offer, &ledger->posts, false) == 0)
		return;
	/* Without an answer no merge would ever end. Another recorder compares what is merged. */
	fault_set(&ledger->failure, -ENOMEM, "out of memory: a merge cannot be answered");
	life_end(ledger);
}

int ledger_alert(struct ledger *ledger, const struct history_alert *alert)
{
	return alertqueue_add(&ledger->alerts, alert);
}

/* --- status ---------------------------------------------------------------------------------- */

void ledger_status(struct ledger *ledger, struct history_status *status)
{
	*status = ledger->status;
	snprintf(status->path, sizeof(status->path), "%s", ledger->options.path);
	status->commits += ledger->commits;
	if (status->queued < ledger->posts.changes)
		status->queued = ledger->posts.changes;
	status->dropped = ledger->posts.dropped;
	status->alerts += ledger->recorded;
	status->alerts_waiting = ledger->alerts.count;
	status->alerts_dropped = ledger->alerts.dropped;
	if (ledger->stage == LEDGER_RUNNING && life_silent_ms(ledger) > SILENT_MS)
		snprintf(status->trouble, sizeof(status->trouble),
		         "the recorder has not answered for %llu s: changes wait for it, and soon "
		         "it is started again",
		         (unsigned long long)life_silent_ms(ledger) / 1000);
	if (ledger->stage == LEDGER_RUNNING)
		return;
	snprintf(status->trouble, sizeof(status->trouble),
	         "the recorder ended%s%.350s: it is started again, and changes wait for it",
	         ledger->why.text[0] ? ": " : "", ledger->why.text);
}

void ledger_recorder(const struct ledger *ledger, struct ledger_recorder *recorder)
{
	*recorder = (struct ledger_recorder){ledger->pid, ledger->restarts};
}

void ledger_times(const struct ledger *ledger, struct ledger_times *times)
{
	bool behind = ledger->behind_ns && ledger->posts.changes > ledger->posts.durable;

	times->flushes = ledger->flushes;
	times->behind_ns = behind ? uv_hrtime() - ledger->behind_ns : 0;
}

void ledger_ended(struct ledger *ledger, pid_t pid, int status)
{
	/* The next one may have been started already. */
	if (pid != ledger->pid && ledger->stage != LEDGER_DOWN)
		return;
	if (WIFSIGNALED(status))
		fault_set(&ledger->end, -EIO, "signal %d (%s)", WTERMSIG(status),
		          strsignal(WTERMSIG(status)));
	else
		fault_set(&ledger->end, -EIO, "exit status %d", WEXITSTATUS(status));
}
