// SPDX-License-Identifier: MIT
/*
 * What `revert` reads from the repository, before it asks the agent and afterwards: the commits
 * that a name means, and which addresses were left alone. Never writes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "format/undo.h"
#include "reader/internal.h"
#include "store/store.h"

/* Whose change is looked up: each may be a walk through much of the history. */
#define ASKED_MAX 20

struct reader_undo {
	struct undo_commits commits;
	char **text; /* of the ids */
};

int reader_undo_find(struct reader_undo **out, struct reader *reader, const char *name,
                     struct fault *fault)
{
	struct reader_undo *undo = calloc(1, sizeof(*undo));
	int error;

	*out = NULL;
	if (!undo)
		return fault_set(fault, -ENOMEM, "out of memory");
	error = undo_resolve(&undo->commits, reader, name, fault);
	if (error)
		goto fail;
	undo->text = calloc(undo->commits.count + 1, sizeof(*undo->text));
	for (size_t i = 0; undo->text && i < undo->commits.count; i++) {
		undo->text[i] = malloc(GIT_OID_HEXSZ + 1);
		if (!undo->text[i]) {
			error = fault_set(fault, -ENOMEM, "out of memory");
			goto fail;
		}
		git_oid_tostr(undo->text[i], GIT_OID_HEXSZ + 1, &undo->commits.id[i]);
	}
	if (!undo->text) {
		error = fault_set(fault, -ENOMEM, "out of memory");
		goto fail;
	}
	*out = undo;
	return 0;
fail:
	reader_undo_free(undo);
	return error;
}

const char *reader_undo_name(const struct reader_undo *undo)
{
	return undo->commits.name;
}

const char *const *reader_undo_commits(const struct reader_undo *undo, size_t *count)
{
	*count = undo->commits.count;
	return (const char *const *)undo->text;
}

void reader_undo_free(struct reader_undo *undo)
{
	if (!undo)
		return;
	for (size_t i = 0; undo->text && i < undo->commits.count; i++)
		free(undo->text[i]);
	free(undo->text);
	undo_commits_clear(&undo->commits);
	free(undo);
}

/* Whether a tree has the file as it was before. -1: it cannot be read. */
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
	char by[80];
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

static int ask_newest(struct reader *reader, uint32_t address, struct newest *newest,
                      struct fault *fault)
{
	const struct reader_query query = {.address = &address, .segment = newest->segment};

	return reader_log(reader, &query, note_newest, newest, fault);
}

int reader_undo_left(struct reader *reader, const struct reader_undo *undo, const char *result,
                     void (*handle)(void *context, const char *segment, uint32_t address,
                                    const char *by),
                     void *context, struct fault *fault)
{
	char segment[SEGMENT_NAME_MAX + 1];
	struct undo changed = {0};
	git_commit *commit = NULL;
	git_tree *tree = NULL;
	size_t asked = 0;
	git_oid id;
	int error = undo_collect(&changed, reader->repository, undo->commits.id,
	                         undo->commits.count, fault);

	if (error)
		return error;
	if (git_oid_fromstr(&id, result) < 0 ||
	    git_commit_lookup(&commit, reader->repository, &id) < 0 ||
	    git_commit_tree(&tree, commit) < 0)
		error = reader_git_fault(fault, reader->path);
	for (size_t i = 0; i < changed.files && !error; i++) {
		int same = is_as_before(tree, &changed.file[i]);
		struct newest newest = {.segment = segment};
		uint32_t address;

		if (same < 0)
			error = reader_git_fault(fault, reader->path);
		if (same || entry_path_parse(segment, &address, changed.file[i].path, NULL) < 0)
			continue;
		if (asked++ < ASKED_MAX)
			error = ask_newest(reader, address, &newest, fault);
		if (!error)
			handle(context, segment, address, newest.by);
	}
	git_tree_free(tree);
	git_commit_free(commit);
	undo_clear(&changed);
	return error;
}
