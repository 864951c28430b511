/* SPDX-License-Identifier: MIT */
/* Which addresses a revert left alone, and why. Never writes. */
#include "reader/undo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reader/log.h"
#include "reader/names.h"
#include "reader/state.h"

/* For so many addresses `by` is looked up: each may be a walk through much of the history. */
#define ASKED_MAX 20

/* Whether a tree has the file as it was before; -1 when the tree cannot be read. */
static int is_as_before(git_tree *tree, const struct undo_file *file)
{
	git_tree_entry *entry = NULL;
	int error = git_tree_entry_bypath(&entry, tree, file->path), same;

	if (error && error != GIT_ENOTFOUND)
		return -1;
	same = error ? !file->before_mode
	             : git_tree_entry_filemode(entry) == file->before_mode &&
	                       git_oid_equal(git_tree_entry_id(entry), &file->before);
	git_tree_entry_free(entry);
	return same;
}

struct newest {
	const char *segment;
	char by[TASK_ID_MAX];
};

static int note_newest(void *context, const struct reader_event *event)
{
	struct newest *newest = context;

	if (strcmp(event->segment, newest->segment) != 0)
		return 0;
	if (*event->task)
		snprintf(newest->by, sizeof(newest->by), "%s", event->task);
	else
		snprintf(newest->by, sizeof(newest->by), "%.12s", event->commit);
	return 1;
}

static int ask_newest(struct reader *reader, struct address address, struct newest *newest,
                      struct fault *fault)
{
	const struct reader_query query = {.address = &address, .segment = newest->segment};

	return reader_log(reader, &query, note_newest, newest, fault);
}

/* What the commits did, by undo_collect(). */
static int collect(struct undo *undo, const struct reader *reader,
                   const struct named_commits *commits, struct fault *fault)
{
	git_oid *id = calloc(commits->count, sizeof(*id));
	int error;

	if (!id)
		return fault_set(fault, -ENOMEM, "out of memory");
	for (size_t i = 0; i < commits->count; i++)
		git_oid_fromstr(&id[i], commits->commit[i]);
	error = undo_collect(undo, reader->repository, id, commits->count, fault);
	free(id);
	return error;
}

int reader_undo_left(struct reader *reader, const struct named_commits *commits, const char *result,
                     void (*handle)(void *context, const char *segment, struct address address,
                                    const char *by),
                     void *context, struct fault *fault)
{
	char segment[SEGMENT_NAME_MAX + 1];
	struct undo changed = {0};
	git_tree *tree = NULL;
	size_t asked = 0;
	int error = collect(&changed, reader, commits, fault);

	if (error)
		return error;
	error = reader_tree(&tree, reader, result, fault);
	for (size_t i = 0; i < changed.files && !error; i++) {
		int same = is_as_before(tree, &changed.file[i]);
		struct newest newest = {.segment = segment};
		struct address address;

		if (same < 0)
			error = reader_git_fault(fault, reader);
		if (same || entry_path_parse(segment, &address, changed.file[i].path, NULL) < 0)
			continue;
		if (asked++ < ASKED_MAX)
			error = ask_newest(reader, address, &newest, fault);
		if (!error)
			handle(context, segment, address, newest.by);
	}
	git_tree_free(tree);
	undo_clear(&changed);
	return error;
}
