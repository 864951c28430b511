// SPDX-License-Identifier: MIT
/* Changes of the table into a commit: files, words, parents. Moves no reference and no head. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "format/format.h"
#include "format/stored.h"
#include "history/state.h"
#include "store/store.h"

static int make_edits(struct engine *engine, struct edits *edits,
                      const struct transitions *transitions, struct fault *fault)
{
	int error = 0;

	for (size_t i = 0; i < transitions->count && !error; i++) {
		const struct transition *item = &transitions->item[i];

		error = stored_set(edits, engine->writer, engine->segment, item->segment,
		                   item->address, item->after, fault);
	}
	return error;
}

static int read_before(struct engine *engine, struct entry **before, const char *kind,
                       const git_oid *tree, const struct transitions *transitions,
                       struct fault *fault)
{
	char path[ENTRY_PATH_MAX];
	int error = 0;

	for (size_t i = 0; i < transitions->count && !error; i++) {
		const struct transition *item = &transitions->item[i];

		if (!wording_needs_before(kind, item))
			continue;
		entry_path(path, engine->segment[item->segment].name, item->address);
		error = stored_read(&before[i], engine->writer, tree, path, fault);
	}
	return error;
}

/* The segment's name if all changes are in one. */
static const char *common_segment(const struct engine *engine,
                                  const struct transitions *transitions)
{
	for (size_t i = 1; i < transitions->count; i++)
		if (transitions->item[i].segment != transitions->item[0].segment)
			return NULL;
	return transitions->count ? engine->segment[transitions->item[0].segment].name : NULL;
}

/* What is committed, for the index. What an operator's commit displaces is not in its words. */
static void feed_changes(struct engine *engine, const struct version *made,
                         const struct commit_request *request, struct entry **before)
{
	const git_oid *parent = &request->on->commit;
	const struct transitions *transitions = request->transitions;
	struct lookback_commit commit = {.made = made,
	                                 .parent = &parent,
	                                 .parents = 1,
	                                 .time = writer_time(engine->writer),
	                                 .segment = engine->segment,
	                                 .transition = transitions->item,
	                                 .before = before,
	                                 .known = true,
	                                 .changes = transitions->count};
	char path[ENTRY_PATH_MAX];
	struct fault ignored;

	for (size_t i = 0; i < transitions->count && !strcmp(request->kind, "operator"); i++) {
		const struct transition *item = &transitions->item[i];

		entry_path(path, engine->segment[item->segment].name, item->address);
		if (stored_read(&before[i], engine->writer, &request->on->tree, path, &ignored))
			commit.known = false;
	}
	lookback_add(&engine->lookback, &commit);
}

int commit_changes(struct engine *engine, struct version *made,
                   const struct commit_request *request, struct fault *fault)
{
	const struct transitions *transitions = request->transitions;
	struct entry **before = calloc(transitions->count + 1, sizeof(struct entry *));
	struct wording wording = {.kind = request->kind,
	                          .id = request->id,
	                          .segment = common_segment(engine, transitions),
	                          .context = request->context,
	                          .transition = transitions->item,
	                          .transitions = transitions->count,
	                          .before = before};
	struct commit_spec spec = {
	        .base = &request->on->tree, .parent = {&request->on->commit}, .parents = 1};
	struct edits edits = {0};
	char *message = NULL, *author = NULL;
	git_oid tree;
	int error;

	if (!before)
		return fault_set(fault, -ENOMEM, "out of memory");
	error = make_edits(engine, &edits, transitions, fault);
	if (!error)
		error = writer_tree(engine->writer, &tree, spec.base, edits.edit, edits.count,
		                    fault);
	if (!error && git_oid_equal(&tree, spec.base))
		error = -EALREADY;
	if (!error)
		error = read_before(engine, before, request->kind, spec.base, transitions, fault);
	if (error)
		goto out;
	message = wording_task(&wording);
	if (request->context && request->context->author)
		author = wording_person(request->context->author, engine->host);
	if (!message || (request->context && request->context->author && !author)) {
		error = fault_set(fault, -ENOMEM, "out of memory");
		goto out;
	}
	/* The tree is made already. */
	spec.base = &tree;
	spec.message = message;
	spec.author = author;
	error = writer_commit(engine->writer, made, &spec, fault);
	if (!error)
		feed_changes(engine, made, request, before);
out:
	for (size_t i = 0; i < transitions->count; i++)
		entry_free(before[i]);
	free(before);
	free(message);
	free(author);
	edits_clear(&edits);
	return error;
}

/* The segment's name, if a task's changes are all in one. */
static const char *task_segment(const struct engine *engine, const struct task *task)
{
	unsigned first = 0, segment;
	uint32_t cursor = 0;
	uint32_t address;

	for (bool begun = false; addresses_next(&task->held, &cursor, &segment, &address);
	     begun = true)
		if (begun && segment != first)
			return NULL;
		else
			first = segment;
	return engine->segment[first].name;
}

/* What the task's branch says of the addresses that it changed. No other change has touched these
 * since the task began (record.c). */
static int task_edits(struct engine *engine, struct edits *edits, const struct task *task,
                      struct fault *fault)
{
	uint32_t cursor = 0;
	unsigned segment;
	uint32_t address;

	while (addresses_next(&task->held, &cursor, &segment, &address)) {
		const char *name = engine->segment[segment].name;
		char path[ENTRY_PATH_MAX];
		git_oid id;
		int error = writer_find(engine->writer, &id, NULL, &task->tip.tree,
		                        entry_path(path, name, address), fault);

		if (error && error != -ENOENT)
			return error;
		error = stored_set_blob(edits, engine->segment, segment, address,
		                        error ? NULL : &id, fault);
		if (error)
			return error;
	}
	return 0;
}

/* It brings what the task's commits have said, and says nothing of its own. */
static void feed_merge(struct engine *engine, const struct version *made,
                       const struct commit_spec *spec)
{
	const struct lookback_commit commit = {.made = made,
	                                       .parent = spec->parent,
	                                       .parents = (unsigned)spec->parents,
	                                       .time = writer_time(engine->writer)};

	lookback_add(&engine->lookback, &commit);
}

int commit_merge(struct engine *engine, struct version *made, const struct task *task,
                 struct fault *fault)
{
	struct wording wording = {.kind = task->kind,
	                          .id = task->id,
	                          .segment = task_segment(engine, task),
	                          .context = &task->context};
	const struct done_before before = {.from = task->base.tree, .to = task->tip.tree};
	struct commit_spec spec = {.base = &engine->head.tree,
	                           .before = &before,
	                           .parent = {&engine->head.commit, &task->tip.commit},
	                           .parents = 2};
	char *message = wording_merge(&wording);
	struct edits edits = {0};
	int error = message ? task_edits(engine, &edits, task, fault)
	                    : fault_set(fault, -ENOMEM, "out of memory");

	if (!error) {
		spec.edit = edits.edit;
		spec.edits = edits.count;
		spec.message = message;
		error = writer_commit(engine->writer, made, &spec, fault);
	}
	if (!error)
		feed_merge(engine, made, &spec);
	edits_clear(&edits);
	free(message);
	return error;
}
