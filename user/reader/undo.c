/* SPDX-License-Identifier: MIT */
/* Which commits of main a name means; which addresses their revert left alone, and why. Never
 * writes. */
#include "reader/undo.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reader/log.h"
#include "reader/state.h"
#include "reader/walk.h"

#define DATE_DIGITS   8
#define NUMBER_DIGITS 6 /* at least */
#define DAY_S         86400

/* "learn/20261122-000017" in `name`; NULL if it does not look like a task. */
static const char *task_in(const char *name)
{
	int day = 0, number = 0, end = 0;

	if (!strncmp(name, BRANCH_REFS, strlen(BRANCH_REFS)))
		name += strlen(BRANCH_REFS);
	if (!strncmp(name, "task/", strlen("task/")))
		name += strlen("task/");
	sscanf(name, "%*[a-z]/%n%*[0-9]-%n%*[0-9]%n", &day, &number, &end);
	return number == day + DATE_DIGITS + 1 && end >= number + NUMBER_DIGITS && !name[end] &&
	                       end < TASK_ID_MAX
	               ? name
	               : NULL;
}

/* A task's first commit cannot be older than this. Its id has the day; clocks differ. */
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

	/* Others may have copied the line, or made it up. */
	if (!own_commit(commit))
		return false;
	while ((at = strstr(at, line))) {
		if (at > message && at[-1] == '\n' && (at[length] == '\n' || !at[length]))
			return true;
		at += length;
	}
	return false;
}

/* What a walk has found: newest first. */
struct finds {
	struct find {
		git_oid id;
		bool merge;
	} * item; /* owned */
	size_t count, room, merges;
};

/* A task's merge into main names the task, too, but only repeats what its own commits did. Merges
 * count only if the task has no other commits: then it merged a person's branch. */
static int keep(struct named_commits *commits, const struct finds *finds)
{
	bool merges = finds->merges == finds->count;

	commits->commit = calloc(finds->count, sizeof(*commits->commit));
	if (!commits->commit)
		return -ENOMEM;
	for (size_t i = finds->count; i-- > 0;)
		if (finds->item[i].merge == merges)
			git_oid_tostr(commits->commit[commits->count++], sizeof(*commits->commit),
			              &finds->item[i].id);
	return 0;
}

static int walk_for_task(struct finds *finds, git_repository *repository, struct reader_walk *walk,
                         const char *task)
{
	int64_t oldest = not_before(task), time = INT64_MAX;
	char line[TASK_ID_MAX + 8];
	int error = 0;

	snprintf(line, sizeof(line), "Task: %s", task);
	while (!error && time >= oldest) {
		struct find find;
		git_commit *commit;

		error = reader_walk_next(&find.id, walk);
		if (!error)
			error = git_commit_lookup(&commit, repository, &find.id);
		if (error)
			break;
		time = git_commit_time(commit);
		find.merge = git_commit_parentcount(commit) > 1;
		if (is_of_task(commit, line)) {
			error = array_reserve(&finds->item, &finds->room, finds->count + 1);
			if (!error)
				finds->item[finds->count++] = find;
			finds->merges += find.merge;
		}
		git_commit_free(commit);
	}
	return error == GIT_ITEROVER ? 0 : error;
}

static int not_in_main(git_repository *repository, const char *task, struct fault *fault)
{
	char ref[TASK_ID_MAX + 24];
	git_oid id;

	snprintf(ref, sizeof(ref), TASK_REFS "%s", task);
	if (git_reference_name_to_id(&id, repository, ref) == 0)
		return fault_set(fault, -ENOENT,
		                 "task %s is not finished, and not in main: there is nothing to "
		                 "undo yet",
		                 task);
	return fault_set(fault, -ENOENT, "main has no task %s: `arpkeeper log` names the tasks",
	                 task);
}

static int find_task(struct named_commits *commits, struct reader *reader, const char *task,
                     struct fault *fault)
{
	git_repository *repository = reader->repository;
	struct reader_walk *walk = NULL;
	struct finds finds = {0};
	git_commit *tip = NULL;
	int error = reader_tip(&tip, reader, fault);

	if (error)
		goto out;
	snprintf(commits->name, sizeof(commits->name), "%s", task);
	error = reader_walk_new(&walk, reader, tip);
	if (!error)
		error = walk_for_task(&finds, repository, walk, task);
	if (error)
		error = trouble_set(fault, error, "%s", git_repository_path(repository));
	else if (finds.count == 0)
		error = not_in_main(repository, task, fault);
	else if (keep(commits, &finds))
		error = fault_set(fault, -ENOMEM, "out of memory");
out:
	reader_walk_free(walk);
	free(finds.item);
	git_commit_free(tip);
	return error;
}

static int find_commit(struct named_commits *commits, git_repository *repository, const char *name,
                       struct fault *fault)
{
	git_object *object = NULL, *commit = NULL;
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
	commits->commit = malloc(sizeof(*commits->commit));
	if (!commits->commit)
		return fault_set(fault, -ENOMEM, "out of memory");
	git_oid_tostr(*commits->commit, sizeof(*commits->commit), &id);
	commits->count = 1;
	return 0;
}

int names_find(struct named_commits *commits, struct reader *reader, const char *name,
               struct fault *fault)
{
	const char *task = task_in(name);
	int error;

	*commits = (struct named_commits){0};
	error = task ? find_task(commits, reader, task, fault)
	             : find_commit(commits, reader->repository, name, fault);
	if (error)
		names_clear(commits);
	return error;
}

void names_clear(struct named_commits *commits)
{
	free(commits->commit);
	*commits = (struct named_commits){0};
}

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
                     void (*handle)(void *context, const char *segment, uint32_t address,
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
		uint32_t address;

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
