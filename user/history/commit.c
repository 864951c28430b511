// SPDX-License-Identifier: MIT
/* Commits of changes: files, words, parents. */
#include "history/commit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* The files of the tree, and the entries before that the words need. */
static int make_edits(struct archive *archive, struct edits *edits, struct entry **before,
                      const struct commit_request *request, struct fault *fault)
{
	int error = 0;

	for (size_t i = 0; i < request->transitions->count && !error; i++) {
		const struct transition *item = &request->transitions->item[i];

		error = stored_set(edits, archive->writer, archive->segment, item->segment,
		                   item->address, item->after, fault);
		if (!error && wording_needs_before(request->kind, item))
			error = archive_entry(archive, &before[i], &request->on->tree,
			                      item->segment, item->address, fault);
	}
	return error;
}

/* The segment's name if all changes are in one; else NULL. */
static const char *common_segment(const struct archive *archive,
                                  const struct transitions *transitions)
{
	for (size_t i = 1; i < transitions->count; i++)
		if (transitions->item[i].segment != transitions->item[0].segment)
			return NULL;
	return transitions->count ? archive->segment[transitions->item[0].segment].name : NULL;
}

/* Adds the commit to the index. An operator's commit does not say in words what it replaces. */
static void feed_changes(struct archive *archive, const struct version *made,
                         const struct commit_request *request, struct entry **before)
{
	const git_oid *parent = &request->on->commit;
	const struct transitions *transitions = request->transitions;
	struct lookback_commit commit = {.made = made,
	                                 .parent = &parent,
	                                 .parents = 1,
	                                 .time = writer_time(archive->writer),
	                                 .segment = archive->segment,
	                                 .transition = transitions->item,
	                                 .before = before,
	                                 .known = true,
	                                 .changes = transitions->count};
	struct fault ignored;

	for (size_t i = 0; i < transitions->count && !strcmp(request->kind, "operator"); i++) {
		const struct transition *item = &transitions->item[i];

		if (archive_entry(archive, &before[i], &request->on->tree, item->segment,
		                  item->address, &ignored))
			commit.known = false;
	}
	lookback_add(&archive->lookback, &commit);
}

int commit_changes(struct archive *archive, struct version *made,
                   const struct commit_request *request, struct fault *fault)
{
	const struct transitions *transitions = request->transitions;
	struct entry **before = calloc(transitions->count + 1, sizeof(struct entry *));
	struct wording wording = {.kind = request->kind,
	                          .id = request->id,
	                          .segment = common_segment(archive, transitions),
	                          .node = archive->fleet,
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
	error = make_edits(archive, &edits, before, request, fault);
	if (!error)
		error = writer_tree(archive->writer, &tree, spec.base, edits.edit, edits.count,
		                    fault);
	if (!error && git_oid_equal(&tree, spec.base))
		error = -EALREADY;
	if (error)
		goto out;
	message = wording_task(&wording);
	if (request->context && request->context->author)
		author = wording_person(request->context->author, archive->host);
	if (!message || (request->context && request->context->author && !author)) {
		error = fault_set(fault, -ENOMEM, "out of memory");
		goto out;
	}
	/* The tree is made already. */
	spec.base = &tree;
	spec.message = message;
	spec.author = author;
	error = writer_commit(archive->writer, made, &spec, fault);
	if (!error)
		feed_changes(archive, made, request, before);
out:
	for (size_t i = 0; i < transitions->count; i++)
		entry_free(before[i]);
	free(before);
	free(message);
	free(author);
	edits_clear(&edits);
	return error;
}

/* Likewise of a task's changes. */
static const char *task_segment(const struct archive *archive, const struct task *task)
{
	unsigned first = 0, segment;
	uint32_t cursor = 0;
	struct address address;

	for (bool begun = false; addresses_next(&task->held, &cursor, &segment, &address);
	     begun = true)
		if (begun && segment != first)
			return NULL;
		else
			first = segment;
	return archive->segment[first].name;
}

/* What the task's branch says of the addresses that it changed. No other change touched these since
 * the task began (tasklog.c). */
static int task_edits(struct archive *archive, struct edits *edits, const struct task *task,
                      struct fault *fault)
{
	uint32_t cursor = 0;
	unsigned segment;
	struct address address;

	while (addresses_next(&task->held, &cursor, &segment, &address)) {
		git_oid id;
		int error = archive_find(archive, &id, &task->tip.tree, segment, address, fault);

		if (error && error != -ENOENT)
			return error;
		error = stored_set_blob(edits, archive->segment, segment, address,
		                        error ? NULL : &id, fault);
		if (error)
			return error;
	}
	return 0;
}

/* Sets the lowest address, and its segment. False: there is none. */
static bool find_lowest(const struct addresses *addresses, struct transition *lowest)
{
	struct address address;
	uint32_t cursor = 0;
	unsigned segment;
	bool any = false;

	while (addresses_next(addresses, &cursor, &segment, &address)) {
		if (any && address_compare(address, lowest->address) >= 0)
			continue;
		lowest->segment = segment;
		lowest->address = address;
		any = true;
	}
	return any;
}

/* The words of a merge. Of a task with one address they say what became of it. */
static char *word_merge(struct archive *archive, const struct task *task, struct fault *fault)
{
	struct wording wording = {.kind = task->kind,
	                          .id = task->id,
	                          .segment = task_segment(archive, task),
	                          .context = &task->context,
	                          .transitions = addresses_count(&task->held)};
	struct transition one = {.after = NULL};
	struct entry *before = NULL;
	bool any = find_lowest(&task->held, &one);
	char *message = NULL;
	int error = 0;

	wording.transition = any ? &one : NULL;
	if (any && wording.transitions == 1) {
		error = archive_entry(archive, &one.after, &task->tip.tree, one.segment,
		                      one.address, fault);
		if (!error && wording_needs_before(task->kind, &one))
			error = archive_entry(archive, &before, &task->base.tree, one.segment,
			                      one.address, fault);
		wording.before = &before;
	}
	if (!error && !(message = wording_merge(&wording)))
		fault_set(fault, -ENOMEM, "out of memory");
	entry_free(one.after);
	entry_free(before);
	return message;
}

int commit_merge(struct archive *archive, struct version *made, const struct version *head,
                 const struct task *task, struct fault *fault)
{
	const struct done_before before = {.from = task->base.tree, .to = task->tip.tree};
	struct commit_spec spec = {.base = &head->tree,
	                           .before = &before,
	                           .parent = {&head->commit, &task->tip.commit},
	                           .parents = 2};
	char *message = word_merge(archive, task, fault);
	struct edits edits = {0};
	int error = message ? task_edits(archive, &edits, task, fault) : -EIO;

	if (!error) {
		spec.edit = edits.edit;
		spec.edits = edits.count;
		spec.message = message;
		error = writer_commit(archive->writer, made, &spec, fault);
	}
	if (!error) {
		/* It brings what the task's commits say, and says nothing of its own. */
		const struct lookback_commit brought = {.made = made,
		                                        .parent = spec.parent,
		                                        .parents = (unsigned)spec.parents,
		                                        .time = writer_time(archive->writer)};

		lookback_add(&archive->lookback, &brought);
	}
	edits_clear(&edits);
	free(message);
	return error;
}
