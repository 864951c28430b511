// SPDX-License-Identifier: MIT
/* Which commits of main a name means. Never writes. */
#include "reader/names.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reader/state.h"
#include "reader/walk.h"
#include "store/store.h"

#define DATE_DIGITS   8
#define NUMBER_DIGITS 6 /* at least */
#define DAY_S         86400

/* "learn/20261122-000017" in `name`; NULL if it does not look like a task. */
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

	while ((at = strstr(at, line))) {
		if (at > message && at[-1] == '\n' && (at[length] == '\n' || !at[length]))
			return true;
		at += length;
	}
	return false;
}

static int add_commit(struct named_commits *commits, const git_oid *id)
{
	if (array_reserve(&commits->id, &commits->room, commits->count + 1))
		return -ENOMEM;
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

/* A task's merge into main names the task, too, but only repeats what its own commits did. Such
 * merges count only if the task has no commits of its own: it merged a person's branch. */
static int walk_for_task(struct named_commits *commits, git_repository *repository,
                         struct reader_walk *walk, const char *task)
{
	struct named_commits merges = {.count = 0};
	int64_t oldest = not_before(task);
	char line[TASK_ID_MAX + 8];
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
			error = git_commit_parentcount(commit) > 1 ? add_commit(&merges, &id)
			                                           : add_commit(commits, &id);
		git_commit_free(commit);
	}
	if (error == GIT_ITEROVER)
		error = 0;
	if (!error && commits->count == 0) {
		struct named_commits none = *commits;

		commits->id = merges.id;
		commits->count = merges.count;
		merges.id = none.id;
	}
	free(merges.id);
	reverse(commits->id, commits->count);
	return error;
}

static int resolve_task(struct named_commits *commits, struct reader *reader, const char *task,
                        struct fault *fault)
{
	git_repository *repository = reader->repository;
	struct reader_walk *walk = NULL;
	git_commit *tip = NULL;
	git_reference *branch = NULL;
	char ref[TASK_ID_MAX + 24];
	int error = reader_tip(&tip, reader, fault);

	if (error) {
		git_commit_free(tip);
		return error;
	}
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

static int resolve_commit(struct named_commits *commits, git_repository *repository,
                          const char *name, struct fault *fault)
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
	error = add_commit(commits, &id);
	return error ? fault_set(fault, error, "out of memory") : 0;
}

int names_resolve(struct named_commits *commits, struct reader *reader, const char *name,
                  struct fault *fault)
{
	const char *task = task_in(name);
	int error;

	*commits = (struct named_commits){.count = 0};
	error = task ? resolve_task(commits, reader, task, fault)
	             : resolve_commit(commits, reader->repository, name, fault);
	if (error)
		names_clear(commits);
	return error;
}

void names_clear(struct named_commits *commits)
{
	free(commits->id);
	*commits = (struct named_commits){.count = 0};
}
