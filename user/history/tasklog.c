// SPDX-License-Identifier: MIT
/*
 * The linear log. The owner has changed its table already when a change arrives here; so the order
 * of arrival is the truth, and the head's tree is the table as it was at some moment of it.
 *
 * Changes that are alike wait for each other in a batch, but never two of one address: that
 * would fold a transition. A task of its own branch keeps the same promise: before another change
 * touches an address of an unfinished task, what the task has so far goes to the head.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "history/state.h"

/* Of one commit, at most: what a person can still page through, and what is held in memory. */
#define COMMIT_CHANGES 10000

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

static bool same_text(const char *a, const char *b)
{
	return a == b || (a && b && !strcmp(a, b));
}

/* A batch that this change may join. What a person says belongs to that change alone. */
static struct batch *find_batch(const struct engine *engine, const struct message *message)
{
	const struct context *context = &message->context;

	if (context->message || context->author)
		return NULL;
	for (struct batch *batch = engine->batch; batch; batch = batch->next)
		if (batch->transitions.count > 0 && !batch->context.message &&
		    !batch->context.author &&
		    batch->transitions.item[0].segment == message->transition.segment &&
		    same_text(batch->kind, message->text) &&
		    same_text(batch->context.interface, context->interface) &&
		    same_text(batch->context.trigger, context->trigger))
			return batch;
	return NULL;
}

static struct batch *add_batch(struct engine *engine, struct message *message)
{
	struct batch *batch = calloc(1, sizeof(*batch)), **end = &engine->batch;

	if (!batch)
		return NULL;
	batch->kind = strdup(message->text);
	if (!batch->kind) {
		free(batch);
		return NULL;
	}
	waiters_init(&batch->waiters);
	batch->context = message->context;
	message->context = (struct context){0};
	while (*end)
		end = &(*end)->next;
	*end = batch;
	return batch;
}

static void advance(struct engine *engine, const struct version *made)
{
	engine->head = *made;
	engine->commits_pending++;
}

int record_task(struct engine *engine, const char *kind, const struct context *context,
                const struct transitions *transitions, struct fault *fault)
{
	struct commit_request request = {
	        .kind = kind, .context = context, .on = &engine->head, .transitions = transitions};
	struct version made;
	char id[TASK_ID_MAX];
	int error;

	branches_next_id(&engine->branches, id, kind, time(NULL));
	request.id = id;
	error = commit_changes(engine, &made, &request, fault);
	if (error)
		return error;
	if (branches_set(&engine->branches, id, &made.commit, false) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	advance(engine, &made);
	return 0;
}

int record_commit_batches(struct engine *engine, struct fault *fault)
{
	struct batch *batch;

	while ((batch = engine->batch)) {
		int error = record_task(engine, batch->kind, &batch->context, &batch->transitions,
		                        fault);

		if (error && error != -EALREADY)
			return error;
		waiters_set_commit(&batch->waiters, &engine->head.commit);
		waiters_move(&engine->waiters, &batch->waiters);
		engine->batch = batch->next;
		batch_free(batch);
	}
	addresses_empty(&engine->touched);
	return 0;
}

/* Commits a task's changes on its branch. */
static int task_commit(struct engine *engine, struct task *task, struct fault *fault)
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
		branches_next_id(&engine->branches, task->id, task->kind, time(NULL));
	error = commit_changes(engine, &made, &request, fault);
	if (error == -EALREADY) {
		transitions_clear(&task->pending);
		addresses_empty(&task->fresh);
		return 0;
	}
	if (error)
		return error;
	task->tip = made;
	task->commits = true;
	engine->commits_pending++;
	task->done += task->pending.count;
	transitions_clear(&task->pending);
	addresses_empty(&task->fresh);
	return branches_set(&engine->branches, task->id, &made.commit, true) < 0
	               ? fault_set(fault, -ENOMEM, "out of memory")
	               : 0;
}

/* Brings what a task has so far to the head. What it does from now on starts there. */
static int task_merge(struct engine *engine, struct task *task, struct fault *fault)
{
	struct version made;
	int error = task_commit(engine, task, fault);

	if (error)
		return error;
	if (task->commits && git_oid_equal(&task->base.commit, &engine->head.commit)) {
		engine->head = task->tip;
	} else if (task->commits) {
		error = commit_merge(engine, &made, task, fault);
		if (error)
			return error;
		advance(engine, &made);
	}
	if (task->commits)
		branches_close(&engine->branches, task->id);
	task->done = 0;
	addresses_empty(&task->held);
	task->base = task->tip = engine->head;
	task->commits = false;
	return 0;
}

/* Before a change of an address: nothing that came before it may wait any longer. `except` is the
 * task that the change belongs to. */
static int settle_address(struct engine *engine, unsigned segment, uint32_t address,
                          const struct task *except, struct fault *fault)
{
	int error = 0;

	if (addresses_have(&engine->touched, segment, address))
		error = record_commit_batches(engine, fault);
	for (struct task *task = engine->task; task && !error; task = task->next)
		if (task != except && addresses_have(&task->held, segment, address))
			error = task_merge(engine, task, fault);
	return error;
}

int record_change(struct engine *engine, struct message *message, struct fault *fault)
{
	struct transition *transition = &message->transition;
	struct batch *batch;
	int error = settle_address(engine, transition->segment, transition->address, NULL, fault);

	if (error)
		return error;
	batch = find_batch(engine, message);
	if (batch && batch->transitions.count >= COMMIT_CHANGES) {
		error = record_commit_batches(engine, fault);
		if (error)
			return error;
		batch = NULL;
	}
	if (!batch)
		batch = add_batch(engine, message);
	if (!batch || transitions_reserve(&batch->transitions, 1) < 0 ||
	    addresses_add(&engine->touched, transition->segment, transition->address) < 0 ||
	    waiters_add_done(&batch->waiters, message->done, message->argument, NULL) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	transitions_add(&batch->transitions, transition);
	engine->urgent |= message->done != NULL;
	return 0;
}

static struct task *find_task(const struct engine *engine, uint64_t token)
{
	for (struct task *task = engine->task; task; task = task->next)
		if (task->token == token)
			return task;
	return NULL;
}

int record_begin(struct engine *engine, const struct message *message, struct fault *fault)
{
	struct task *task = calloc(1, sizeof(*task));

	if (task)
		task->kind = strdup(message->text);
	if (!task || !task->kind) {
		free(task);
		return fault_set(fault, -ENOMEM, "out of memory");
	}
	task->token = message->task;
	task->base = task->tip = engine->head;
	task->next = engine->task;
	engine->task = task;
	return 0;
}

/* Whether the head says of an address what the task's base says. */
static int is_as_in_base(struct engine *engine, const struct task *task,
                         const struct transition *transition, bool *same, struct fault *fault)
{
	char path[ENTRY_PATH_MAX];
	git_oid ours = {{0}}, base = {{0}};
	int error;

	*same = git_oid_equal(&task->base.tree, &engine->head.tree);
	if (*same)
		return 0;
	entry_path(path, engine->segment[transition->segment].name, transition->address);
	error = writer_find(engine->writer, &ours, NULL, &engine->head.tree, path, fault);
	if (!error || error == -ENOENT)
		error = writer_find(engine->writer, &base, NULL, &task->base.tree, path, fault);
	*same = git_oid_equal(&ours, &base);
	return error == -ENOENT ? 0 : error;
}

int record_task_change(struct engine *engine, struct message *message, struct fault *fault)
{
	struct task *task = find_task(engine, message->task);
	struct transition *transition = &message->transition;
	unsigned segment = transition->segment;
	uint32_t address = transition->address;
	bool same = true;
	int error;

	if (!task) {
		/* The table has changed all the same, so it is recorded. */
		log_warning("a change came for a task that is not open: recorded as a task of its "
		            "own, sync");
		message->text = strdup("sync");
		return message->text ? record_change(engine, message, fault)
		                     : fault_set(fault, -ENOMEM, "out of memory");
	}
	error = settle_address(engine, segment, address, task, fault);
	if (!error && (task->pending.count >= COMMIT_CHANGES ||
	               addresses_have(&task->fresh, segment, address)))
		error = task_commit(engine, task, fault);
	if (!error && !addresses_have(&task->held, segment, address))
		error = is_as_in_base(engine, task, transition, &same, fault);
	if (!error && !same)
		error = task_merge(engine, task, fault);
	if (error)
		return error;
	if (transitions_reserve(&task->pending, 1) < 0 ||
	    addresses_add(&task->fresh, segment, address) < 0 ||
	    addresses_add(&task->held, segment, address) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	transitions_add(&task->pending, transition);
	if (!task->context_known) {
		task->context = message->context;
		message->context = (struct context){0};
		task->context_known = true;
	}
	return 0;
}

int record_end(struct engine *engine, struct message *message, struct fault *fault)
{
	struct task *task = find_task(engine, message->task), **link = &engine->task;
	/* Without changes it is as if it came after everything posted before. */
	bool changed = task && task->context_known;
	int error = task ? task_merge(engine, task, fault) : 0;

	if (error)
		return error;
	if (waiters_add_done(&engine->waiters, message->done, message->argument,
	                     changed ? &engine->head.commit : NULL) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	engine->urgent |= message->done != NULL;
	while (*link && *link != task)
		link = &(*link)->next;
	if (*link) {
		*link = task->next;
		task_free(task);
	}
	return 0;
}

int record_commit_all(struct engine *engine, struct fault *fault)
{
	int error = record_commit_batches(engine, fault);

	for (struct task *task = engine->task; task && !error; task = task->next)
		error = task_merge(engine, task, fault);
	return error;
}

void record_clear(struct engine *engine)
{
	while (engine->batch) {
		struct batch *batch = engine->batch;

		engine->batch = batch->next;
		waiters_move(&engine->waiters, &batch->waiters);
		batch_free(batch);
	}
	while (engine->task) {
		struct task *task = engine->task;

		engine->task = task->next;
		task_free(task);
	}
	addresses_clear(&engine->touched);
}
