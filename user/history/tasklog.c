// SPDX-License-Identifier: MIT
/*
 * The owner changed its table before it posted a change. So changes are true in the order in which
 * they arrive, and the head's tree is the table as it was at some moment.
 *
 * Changes that are alike share a batch, but two changes of one address never do: one transition
 * would be lost. A task with its own branch keeps the same promise. Before another change touches
 * an address of an open task, the task's changes so far go to the head.
 */
#include "history/tasklog.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "history/claims.h"
#include "history/commit.h"

/* In one commit, at most: a person can still page through it, and it fits in memory. */
#define COMMIT_CHANGES 10000

/* Changes of one kind that share a commit; still open for more. */
struct batch {
	struct batch *next;
	char *kind; /* owned */
	struct context context;
	struct transitions transitions;
	struct mails waiters;
};

static void batch_free(struct batch *batch)
{
	free(batch->kind);
	context_clear(&batch->context);
	transitions_clear(&batch->transitions);
	free(batch);
}

static void task_free(struct task *task)
{
	free(task->kind);
	context_clear(&task->context);
	transitions_clear(&task->pending);
	addresses_clear(&task->fresh);
	addresses_clear(&task->held);
	free(task);
}

/* A batch that this change may join. A person's words belong to one change alone. */
static struct batch *find_batch(const struct state *state, const struct message_change *change)
{
	const struct context *context = &change->context;

	if (context->message || context->author)
		return NULL;
	for (struct batch *batch = state->batch; batch; batch = batch->next)
		if (batch->transitions.count > 0 && !batch->context.message &&
		    !batch->context.author &&
		    batch->transitions.item[0].segment == change->transition.segment &&
		    text_equal(batch->kind, change->kind) &&
		    text_equal(batch->context.interface, context->interface) &&
		    text_equal(batch->context.trigger, context->trigger))
			return batch;
	return NULL;
}

static struct batch *add_batch(struct state *state, struct message_change *change)
{
	struct batch *batch = calloc(1, sizeof(*batch)), **end = &state->batch;

	if (!batch)
		return NULL;
	batch->kind = strdup(change->kind);
	if (!batch->kind) {
		free(batch);
		return NULL;
	}
	mails_init(&batch->waiters);
	batch->context = change->context;
	change->context = (struct context){0};
	while (*end)
		end = &(*end)->next;
	*end = batch;
	return batch;
}

int tasklog_record(struct state *state, const char *kind, const struct context *context,
                   const struct transitions *transitions, struct fault *fault)
{
	struct commit_request request = {
	        .kind = kind, .context = context, .on = &state->head, .transitions = transitions};
	struct version made;
	char id[TASK_ID_MAX];
	int error;

	branches_next_id(&state->archive.branches, id, kind, time(NULL));
	request.id = id;
	error = commit_changes(&state->archive, &made, &request, fault);
	if (error)
		return error;
	if (branches_set(&state->archive.branches, id, &made.commit, false) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	state->head = made;
	state->commits_pending++;
	return 0;
}

int tasklog_commit_batches(struct state *state, struct fault *fault)
{
	struct batch *batch;

	while ((batch = state->batch)) {
		int error = tasklog_record(state, batch->kind, &batch->context, &batch->transitions,
		                           fault);

		if (error && error != -EALREADY)
			return error;
		waiters_set_commit(&batch->waiters, &state->head.commit);
		mails_move(&state->waiters, &batch->waiters);
		state->batch = batch->next;
		batch_free(batch);
	}
	addresses_empty(&state->touched);
	return 0;
}

/* Commits a task's changes on its branch. */
static int task_commit(struct state *state, struct task *task, struct fault *fault)
{
	struct commit_request request = {.kind = task->kind,
	                                 .id = task->id,
	                                 .context = &task->context,
	                                 .on = &task->tip,
	                                 .transitions = &task->pending};
	struct version made;
	int error;

	if (task->pending.count == 0)
		return 0;
	if (!task->id[0])
		branches_next_id(&state->archive.branches, task->id, task->kind, time(NULL));
	error = commit_changes(&state->archive, &made, &request, fault);
	if (error && error != -EALREADY)
		return error;
	if (!error) {
		task->tip = made;
		task->commits = true;
		state->commits_pending++;
		task->done += task->pending.count;
		state->in_open_tasks += task->pending.count;
		error = branches_set(&state->archive.branches, task->id, &made.commit, true);
	}
	task->committed = task->last;
	transitions_clear(&task->pending);
	addresses_empty(&task->fresh);
	return error == -ENOMEM ? fault_set(fault, error, "out of memory") : 0;
}

/* Brings a task's changes so far to the head. Its next changes start there. */
static int task_merge(struct state *state, struct task *task, struct fault *fault)
{
	struct version made;
	int error = task_commit(state, task, fault);

	if (error)
		return error;
	if (task->commits && git_oid_equal(&task->base.commit, &state->head.commit)) {
		state->head = task->tip;
	} else if (task->commits) {
		error = commit_merge(&state->archive, &made, &state->head, task, fault);
		if (error)
			return error;
		state->head = made;
		state->commits_pending++;
	}
	if (task->commits)
		branches_close(&state->archive.branches, task->id);
	task->done = 0;
	addresses_empty(&task->held);
	task->base = task->tip = state->head;
	task->commits = false;
	return 0;
}

/* Commits every earlier change of an address. `except` is the task of the change that comes now. */
static int settle_address(struct state *state, unsigned segment, struct address address,
                          const struct task *except, struct fault *fault)
{
	int error = 0;

	if (addresses_have(&state->touched, segment, address))
		error = tasklog_commit_batches(state, fault);
	for (struct task *task = state->task; task && !error; task = task->next)
		if (task != except && addresses_have(&task->held, segment, address))
			error = task_merge(state, task, fault);
	return error;
}

static int batch_change(struct state *state, struct message *message, struct fault *fault)
{
	struct message_change *change = &message->change;
	unsigned segment = change->transition.segment;
	struct address address = change->transition.address;
	struct batch *batch;
	int error = settle_address(state, segment, address, NULL, fault);

	if (error)
		return error;
	batch = find_batch(state, change);
	if (batch && batch->transitions.count >= COMMIT_CHANGES) {
		error = tasklog_commit_batches(state, fault);
		if (error)
			return error;
		batch = NULL;
	}
	if (!batch)
		batch = add_batch(state, change);
	if (!batch || transitions_reserve(&batch->transitions, 1) < 0 ||
	    addresses_add(&state->touched, segment, address) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	transitions_add(&batch->transitions, &change->transition);
	state->urgent |= message->reply != NULL;
	waiters_add(&batch->waiters, message);
	return 0;
}

/* The link to the task; to NULL if it is not open. */
static struct task **find_task(struct state *state, uint64_t token)
{
	struct task **link = &state->task;

	while (*link && (*link)->token != token)
		link = &(*link)->next;
	return link;
}

int tasklog_begin(struct state *state, struct message *message, struct fault *fault)
{
	struct task *task = calloc(1, sizeof(*task));

	if (!task)
		return fault_set(fault, -ENOMEM, "out of memory");
	task->kind = message->task.kind;
	message->task.kind = NULL;
	task->token = message->task.token;
	task->base = task->tip = state->head;
	task->next = state->task;
	state->task = task;
	return 0;
}

/* Whether the head says the same of an address as the task's base. */
static int is_as_in_base(struct state *state, const struct task *task, unsigned segment,
                         struct address address, bool *same, struct fault *fault)
{
	git_oid ours = {{0}}, base = {{0}};
	int error;

	*same = git_oid_equal(&task->base.tree, &state->head.tree);
	if (*same)
		return 0;
	error = archive_find(&state->archive, &ours, &state->head.tree, segment, address, fault);
	if (!error || error == -ENOENT)
		error = archive_find(&state->archive, &base, &task->base.tree, segment, address,
		                     fault);
	*same = git_oid_equal(&ours, &base);
	return error == -ENOENT ? 0 : error;
}

static int task_change(struct state *state, struct task *task, struct message *message,
                       struct fault *fault)
{
	struct message_change *change = &message->change;
	unsigned segment = change->transition.segment;
	struct address address = change->transition.address;
	bool same = true;
	int error = settle_address(state, segment, address, task, fault);

	if (!error && (task->pending.count >= COMMIT_CHANGES ||
	               addresses_have(&task->fresh, segment, address)))
		error = task_commit(state, task, fault);
	if (!error && !addresses_have(&task->held, segment, address))
		error = is_as_in_base(state, task, segment, address, &same, fault);
	if (!error && !same)
		error = task_merge(state, task, fault);
	if (error)
		return error;
	if (transitions_reserve(&task->pending, 1) < 0 ||
	    addresses_add(&task->fresh, segment, address) < 0 ||
	    addresses_add(&task->held, segment, address) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	transitions_add(&task->pending, &change->transition);
	task->last = message->number;
	if (!task->context_known) {
		task->context = change->context;
		change->context = (struct context){0};
		task->context_known = true;
	}
	return 0;
}

int tasklog_change(struct state *state, struct message *message, struct fault *fault)
{
	struct message_change *change = &message->change;
	struct task *task = *find_task(state, change->task);
	struct word word = {.heard = false};
	int error = 0;

	if (!task && !change->kind) {
		/* The table has changed all the same, so it is recorded. */
		log_warning("a change came for a task that is not open: it is recorded as a task "
		            "of its own, sync");
		change->kind = strdup("sync");
		if (!change->kind)
			return fault_set(fault, -ENOMEM, "out of memory");
	}
	if (state->claims)
		error = claims_word(state, &word, task ? task->kind : change->kind,
		                    &change->transition, fault);
	if (error)
		return error;
	error = task ? task_change(state, task, message, fault)
	             : batch_change(state, message, fault);
	state->unpublished += !error;
	if (!error && state->claims)
		claims_say(state, &word);
	return error;
}

int tasklog_end(struct state *state, struct message *message, struct fault *fault)
{
	struct task **link = find_task(state, message->task.token), *task = *link;
	int error = task ? task_merge(state, task, fault) : 0;

	if (error)
		return error;
	state->urgent |= message->reply != NULL;
	/* The reply names the task's commit, or, without changes, whatever is published next. */
	if (message->reply && task && task->context_known)
		git_oid_tostr(message->reply->done.commit, COMMIT_TEXT, &state->head.commit);
	waiters_add(&state->waiters, message);
	if (task) {
		*link = task->next;
		task_free(task);
	}
	return 0;
}

int tasklog_commit_all(struct state *state, struct fault *fault)
{
	int error = tasklog_commit_batches(state, fault);

	for (struct task *task = state->task; task && !error; task = task->next)
		error = task_merge(state, task, fault);
	return error;
}

uint64_t tasklog_open(const struct state *state)
{
	uint64_t open = 0;

	for (const struct task *task = state->task; task; task = task->next)
		open += task->pending.count + task->done;
	return open;
}

void tasklog_clear(struct state *state)
{
	while (state->batch) {
		struct batch *batch = state->batch;

		state->batch = batch->next;
		mails_move(&state->waiters, &batch->waiters);
		batch_free(batch);
	}
	while (state->task) {
		struct task *task = state->task;

		state->task = task->next;
		task_free(task);
	}
	addresses_clear(&state->touched);
}
