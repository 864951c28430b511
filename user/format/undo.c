// SPDX-License-Identifier: MIT
/*
 * What commits did to each entry. A task may have made several commits with others' between them,
 * so its own are added up one by one, never base to tip. Never writes, and knows neither the
 * configuration nor the table.
 */
#include "format/undo.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "entry/entry.h"
#include "format/own.h"
#include "store/store.h"

/* Marks an agent's merge when others moved main (history/mergecommit.c). The table's side is its
 * second parent. Older merges say it in the subject. */
#define MARK_OF_MAIN  "\nBranch: main\n"
#define MERGE_OF_MAIN "merge: main\n"

static int add_file(void *context, const struct tree_difference *difference)
{
	struct undo *undo = context;
	char segment[SEGMENT_NAME_MAX + 1];
	struct undo_file *file;
	struct address address;

	if (entry_path_parse(segment, &address, difference->path, NULL) < 0)
		return 0;
	if (array_reserve(&undo->file, &undo->room, undo->files + 1))
		return -ENOMEM;
	file = &undo->file[undo->files];
	*file = (struct undo_file){.path = strdup(difference->path), .order = undo->files};
	if (!file->path)
		return -ENOMEM;
	if (difference->before) {
		file->before = *difference->before;
		file->before_mode = difference->before_mode;
	}
	if (difference->after) {
		file->after = *difference->after;
		file->after_mode = difference->after_mode;
	}
	undo->files++;
	return 0;
}

static bool is_merge_of_main(const git_commit *commit)
{
	const char *message = git_commit_message(commit);

	return git_commit_parentcount(commit) > 1 && own_commit(commit) &&
	       (strstr(message, MARK_OF_MAIN) ||
	        !strncmp(message, MERGE_OF_MAIN, strlen(MERGE_OF_MAIN)));
}

static int collect_one(struct undo *undo, git_repository *repository, const git_oid *id,
                       struct fault *fault)
{
	char text[GIT_OID_HEXSZ + 1];
	git_commit *commit = NULL, *parent = NULL;
	unsigned parents, side = 0;
	int error = git_commit_lookup(&commit, repository, id);

	git_oid_tostr(text, sizeof(text), id);
	if (error == GIT_ENOTFOUND)
		return fault_set(fault, -ENOENT, "the repository has no commit %s", text);
	if (error)
		return trouble_set(fault, error, "commit %s", text);
	parents = git_commit_parentcount(commit);
	if (parents == 0) {
		error = fault_set(fault, -EINVAL,
		                  "%.12s is the first commit: nothing before it can come back",
		                  text);
		goto out;
	}
	if (is_merge_of_main(commit))
		side = 1;
	error = git_commit_parent(&parent, commit, side);
	if (error == GIT_ENOTFOUND)
		error = fault_set(fault, -ENOENT,
		                  "the commit before %.12s is no longer in the repository "
		                  "(history.keep): %.12s cannot be undone",
		                  text, text);
	else if (error)
		error = trouble_set(fault, error, "the parent of commit %s", text);
	if (error)
		goto out;
	error = tree_diff(repository, git_commit_tree_id(parent), git_commit_tree_id(commit),
	                  add_file, undo);
	if (error == -ENOMEM)
		fault_set(fault, error, "out of memory");
	else if (error)
		error = trouble_set(fault, error, "commit %s", text);
out:
	git_commit_free(parent);
	git_commit_free(commit);
	return error;
}

static int compare_files(const void *a, const void *b)
{
	const struct undo_file *left = a, *right = b;
	int order = strcmp(left->path, right->path);

	return order ? order : (left->order > right->order) - (left->order < right->order);
}

static bool is_as_before(const struct undo_file *file)
{
	return file->before_mode == file->after_mode &&
	       (!file->before_mode || git_oid_equal(&file->before, &file->after));
}

/* Each path once: as it was first, and as it was last. */
static void fold(struct undo *undo)
{
	size_t kept = 0;

	if (undo->files == 0)
		return;
	qsort(undo->file, undo->files, sizeof(*undo->file), compare_files);
	for (size_t i = 0; i < undo->files;) {
		struct undo_file file = undo->file[i++];

		for (; i < undo->files && !strcmp(undo->file[i].path, file.path); i++) {
			file.after = undo->file[i].after;
			file.after_mode = undo->file[i].after_mode;
			free(undo->file[i].path);
		}
		if (is_as_before(&file))
			free(file.path);
		else
			undo->file[kept++] = file;
	}
	undo->files = kept;
}

int undo_collect(struct undo *undo, git_repository *repository, const git_oid *commit,
                 size_t commits, struct fault *fault)
{
	int error = 0;

	*undo = (struct undo){.files = 0};
	for (size_t i = 0; i < commits && !error; i++)
		error = collect_one(undo, repository, &commit[i], fault);
	if (error)
		undo_clear(undo);
	else
		fold(undo);
	return error;
}

void undo_clear(struct undo *undo)
{
	for (size_t i = 0; i < undo->files; i++)
		free(undo->file[i].path);
	free(undo->file);
	*undo = (struct undo){.files = 0};
}
