// SPDX-License-Identifier: MIT
/*
 * Which commits a name means, and what they made of each entry. A task may have made several
 * commits with others' between them: so its own are added up one by one, never base to tip. Never
 * writes, and knows neither the configuration nor the table.
 */
#include "format/undo.h"

#include <ctype.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "entry/entry.h"
#include "reader/internal.h"
#include "store/store.h"

#define DATE_DIGITS   8
#define NUMBER_DIGITS 6 /* at least */
#define DAY_S         86400
/* A merge of main as somebody else had moved it (settle.c): the table's side is its second parent.
 */
#define MERGE_OF_MAIN "merge: main\n"

/* "learn/20261122-000017" in `name`; NULL if it is not written like a task. */
static const char *task_in(const char *name)
{
	const char *slash, *at;
	size_t digits;

	if (!strncmp(name, BRANCH_PREFIX, strlen(BRANCH_PREFIX)))
		name += strlen(BRANCH_PREFIX);
	if (!strncmp(name, "task/", strlen("task/")))
		name += strlen("task/");
	slash = strchr(name, '/');
	if (!slash || slash == name || strlen(name) >= TASK_ID_MAX)
		return NULL;
	for (at = name; at < slash; at++)
		if (!islower((unsigned char)*at))
			return NULL;
	digits = strspn(slash + 1, "0123456789");
	at = slash + 1 + digits;
	if (digits != DATE_DIGITS || *at != '-')
		return NULL;
	digits = strspn(at + 1, "0123456789");
	return digits >= NUMBER_DIGITS && !at[1 + digits] ? name : NULL;
}

/* A task's first commit cannot be older than this: its id has the day, and clocks differ. */
static int64_t not_before(const char *task)
{
	struct tm day = {0};

	if (!strptime(strchr(task, '/') + 1, "%Y%m%d", &day))
		return 0;
	return (int64_t)timegm(&day) - DAY_S;
}

static bool is_of_task(const git_commit *commit, const char *line)
{
	const char *message = git_commit_message(commit), *at = message;
	size_t length = strlen(line);

	while ((at = strstr(at, line))) {
		if (at > message && at[-1] == '\n' && (at[length] == '\n' || !at[length]))
			return true;
		at += length;
	}
	return false;
}

static int add_commit(struct undo_commits *commits, size_t *room, const git_oid *id)
{
	if (commits->count == *room) {
		size_t more = *room ? *room * 2 : 16;
		git_oid *grown = realloc(commits->id, more * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		commits->id = grown;
		*room = more;
	}
	commits->id[commits->count++] = *id;
	return 0;
}

static void reverse(git_oid *id, size_t count)
{
	for (size_t i = 0; i < count / 2; i++) {
		git_oid held = id[i];

		id[i] = id[count - 1 - i];
		id[count - 1 - i] = held;
	}
}

/* Newest first. A task's merge into main says its id, too, and brings nothing that its own commits
 * do not say; only the merge of somebody's branch is all there is of its task. */
static int walk_for_task(struct undo_commits *commits, git_repository *repository,
                         struct reader_walk *walk, const char *task)
{
	struct undo_commits merges = {.count = 0};
	int64_t oldest = not_before(task);
	char line[TASK_ID_MAX + 8];
	size_t room = 0, merges_room = 0;
	bool over = false;
	git_oid id;
	int error = 0;

	snprintf(line, sizeof(line), "Task: %s", task);
	while (!error && !over) {
		git_commit *commit = NULL;

		error = reader_walk_next(&id, walk);
		if (!error)
			error = git_commit_lookup(&commit, repository, &id);
		if (error)
			break;
		over = git_commit_time(commit) < oldest;
		if (is_of_task(commit, line))
			error = git_commit_parentcount(commit) > 1
			                ? add_commit(&merges, &merges_room, &id)
			                : add_commit(commits, &room, &id);
		git_commit_free(commit);
	}
	if (error == GIT_ITEROVER)
		error = 0;
	if (!error && commits->count == 0) {
		commits->id = merges.id;
		commits->count = merges.count;
		merges.id = NULL;
	}
	free(merges.id);
	reverse(commits->id, commits->count);
	return error;
}

static int resolve_task(struct undo_commits *commits, struct reader *reader, const char *task,
                        struct fault *fault)
{
	git_repository *repository = reader->repository;
	struct reader_walk *walk = NULL;
	git_commit *tip = NULL;
	git_reference *branch = NULL;
	char ref[TASK_ID_MAX + 24];
	int error = reader_shallow(reader, fault);

	if (!error)
		error = reader_main(&tip, reader, fault);
	if (error)
		return error;
	error = reader_walk_new(&walk, reader, tip);
	git_commit_free(tip);
	snprintf(commits->name, sizeof(commits->name), "%s", task);
	if (!error)
		error = walk_for_task(commits, repository, walk, task);
	reader_walk_free(walk);
	if (error < 0)
		return trouble_set(fault, error, "%s", git_repository_path(repository));
	if (commits->count > 0)
		return 0;
	snprintf(ref, sizeof(ref), TASK_PREFIX "%s", task);
	error = git_reference_lookup(&branch, repository, ref);
	git_reference_free(branch);
	if (!error)
		return fault_set(fault, -ENOENT,
		                 "task %s is not in main: it is not finished, and there is nothing "
		                 "to undo yet",
		                 task);
	return fault_set(fault, -ENOENT,
	                 "there is no task %s in main: `arpkeeper log` names the tasks", task);
}

static int resolve_commit(struct undo_commits *commits, git_repository *repository,
                          const char *name, struct fault *fault)
{
	git_object *object = NULL, *commit = NULL;
	size_t room = 0;
	git_oid main, base, id;
	int error = git_revparse_single(&object, repository, name);

	if (!error)
		error = git_object_peel(&commit, object, GIT_OBJECT_COMMIT);
	git_object_free(object);
	if (error)
		return fault_set(fault, -ENOENT,
		                 "%.80s is neither a task (learn/20261122-000017) nor a commit of "
		                 "this repository: `arpkeeper log` names both",
		                 name);
	id = *git_object_id(commit);
	git_object_free(commit);
	git_oid_tostr(commits->name, 13, &id);
	error = git_reference_name_to_id(&main, repository, MAIN_REF);
	if (!error)
		error = ancestry_base(&base, repository, &main, &id, fault);
	if (error == -EIO)
		return error;
	if (error || !git_oid_equal(&base, &id))
		return fault_set(fault, -ENOENT,
		                 "commit %s is not in main: the table never had it, and there is "
		                 "nothing to undo",
		                 commits->name);
	error = add_commit(commits, &room, &id);
	return error ? fault_set(fault, error, "out of memory") : 0;
}

int undo_resolve(struct undo_commits *commits, struct reader *reader, const char *name,
                 struct fault *fault)
{
	const char *task = task_in(name);
	int error;

	*commits = (struct undo_commits){.count = 0};
	error = task ? resolve_task(commits, reader, task, fault)
	             : resolve_commit(commits, reader->repository, name, fault);
	if (error)
		undo_commits_clear(commits);
	return error;
}

void undo_commits_clear(struct undo_commits *commits)
{
	free(commits->id);
	*commits = (struct undo_commits){.count = 0};
}

static int add_file(void *context, const struct tree_difference *difference)
{
	struct undo *undo = context;
	char segment[SEGMENT_NAME_MAX + 1];
	struct undo_file *file;
	uint32_t address;

	if (entry_path_parse(segment, &address, difference->path, NULL) < 0)
		return 0;
	if (undo->files == undo->room) {
		size_t room = undo->room ? undo->room * 2 : 64;
		struct undo_file *grown = realloc(undo->file, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		undo->file = grown;
		undo->room = room;
	}
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

static int collect_one(struct undo *undo, git_repository *repository, const git_oid *id,
                       struct fault *fault)
{
	char text[GIT_OID_HEXSZ + 1];
	git_commit *commit = NULL, *parent = NULL;
	unsigned parents, side = 0;
	int error = git_commit_lookup(&commit, repository, id);

	git_oid_tostr(text, sizeof(text), id);
	if (error == GIT_ENOTFOUND)
		return fault_set(fault, -ENOENT, "there is no commit %s here", text);
	if (error)
		return trouble_set(fault, error, "commit %s", text);
	parents = git_commit_parentcount(commit);
	if (parents == 0) {
		error = fault_set(
		        fault, -EINVAL,
		        "%.12s is the first commit: there was nothing before it that could "
		        "come back",
		        text);
		goto out;
	}
	if (parents > 1 &&
	    !strncmp(git_commit_message(commit), MERGE_OF_MAIN, strlen(MERGE_OF_MAIN)))
		side = 1;
	error = git_commit_parent(&parent, commit, side);
	if (error == GIT_ENOTFOUND)
		error = fault_set(fault, -ENOENT,
		                  "what was before %.12s is no longer in the repository "
		                  "(history.keep): it cannot be undone",
		                  text);
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
