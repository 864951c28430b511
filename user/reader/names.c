// SPDX-License-Identifier: MIT
/* Which commits of main a name means. Never writes, and never guesses: a name that means several
 * tasks is refused. */
#include "reader/names.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reader/state.h"
#include "reader/walk.h"

#define DAY_S 86400

/* "learn/20261122-gateway-000017" in `name`; NULL if it does not look like a task. */
static const char *task_in(const char *name)
{
	struct task_id id;

	if (!strncmp(name, BRANCH_REFS, strlen(BRANCH_REFS)))
		name += strlen(BRANCH_REFS);
	if (!strncmp(name, "task/", strlen("task/")))
		name += strlen("task/");
	return strlen(name) < TASK_ID_MAX && task_id_parse(&id, name) ? name : NULL;
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
		unsigned task; /* 1, 2, ...: which of the tasks of this id; 0: not known yet */
	} * item;              /* owned */
	size_t count, room;
	unsigned tasks;
};

static int walk_for_task(struct finds *finds, git_repository *repository, struct reader_walk *walk,
                         const char *task)
{
	int64_t oldest = not_before(task), time = INT64_MAX;
	char line[TASK_ID_MAX + 8];
	int error = 0;

	snprintf(line, sizeof(line), "Task: %s", task);
	while (!error && time >= oldest) {
		struct find find = {.task = 0};
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
		}
		git_commit_free(commit);
	}
	return error == GIT_ITEROVER ? 0 : error;
}

/* Whether one of two commits is an ancestor of the other: 1, 0, or a libgit2 error. */
static int is_in_line(git_repository *repository, const git_commit *newer, const git_commit *older)
{
	const git_oid *a = git_commit_id(newer), *b = git_commit_id(older);
	int result;

	for (unsigned i = 0; i < git_commit_parentcount(newer); i++)
		if (git_oid_equal(git_commit_parent_id(newer, i), b))
			return 1;
	result = git_graph_descendant_of(repository, a, b);
	/* Clocks differ, so the newer one may be the ancestor. */
	return result ? result : git_graph_descendant_of(repository, b, a);
}

/* Whether two commits with one id are of one task: the same agent made both, one upon the other.
 * Nodes without names gave the same ids to different tasks. 1, 0, or a libgit2 error. */
static int is_same_task(git_repository *repository, const git_oid *newer, const git_oid *older)
{
	git_commit *a = NULL, *b = NULL;
	int result = git_commit_lookup(&a, repository, newer);

	if (!result)
		result = git_commit_lookup(&b, repository, older);
	if (!result && !strcmp(git_commit_committer(a)->email, git_commit_committer(b)->email))
		result = is_in_line(repository, a, b);
	git_commit_free(a);
	git_commit_free(b);
	return result;
}

/* Says of each commit which task it is of, from the newest one of each task on. */
static int tell_apart(struct finds *finds, git_repository *repository)
{
	for (size_t i = 0; i < finds->count; i++) {
		size_t last = i;

		if (finds->item[i].task)
			continue;
		finds->item[i].task = ++finds->tasks;
		for (size_t j = i + 1; j < finds->count; j++) {
			int same = finds->item[j].task
			                   ? 0
			                   : is_same_task(repository, &finds->item[last].id,
			                                  &finds->item[j].id);

			if (same < 0)
				return same;
			if (!same)
				continue;
			finds->item[j].task = finds->tasks;
			last = j;
		}
	}
	return 0;
}

/* A task's merge into main names the task, too, but only repeats what its own commits did. Merges
 * count only if the task has no other commits: then it merged a person's branch. */
static bool is_own(const struct finds *finds, size_t at)
{
	bool own = !finds->item[at].merge, others = false;

	for (size_t i = 0; !own && i < finds->count; i++)
		others |= !finds->item[i].merge && finds->item[i].task == finds->item[at].task;
	return own || !others;
}

static int keep(struct named_commits *commits, const struct finds *finds)
{
	commits->commit = calloc(finds->count, sizeof(*commits->commit));
	if (!commits->commit)
		return -ENOMEM;
	for (size_t i = finds->count; i-- > 0;)
		if (is_own(finds, i))
			git_oid_tostr(commits->commit[commits->count++], sizeof(*commits->commit),
			              &finds->item[i].id);
	return 0;
}

static void add_candidate(struct named_commits *commits, git_commit *commit, unsigned task)
{
	struct named_candidate *candidate = &commits->candidate[commits->candidates++];
	const char *host = strchr(git_commit_committer(commit)->email, '@');
	const char *subject = git_commit_summary(commit);

	candidate->task = task;
	candidate->time = git_commit_time(commit);
	git_oid_tostr(candidate->commit, sizeof(candidate->commit), git_commit_id(commit));
	snprintf(candidate->host, sizeof(candidate->host), "%s", host ? host + 1 : "");
	snprintf(candidate->subject, sizeof(candidate->subject), "%s", subject ? subject : "");
}

/* Lists what the name may mean: the tasks one after the other, each from its newest commit on. */
static int list_candidates(struct named_commits *commits, const struct finds *finds,
                           git_repository *repository, struct fault *fault)
{
	commits->candidate = calloc(NAMED_CANDIDATES, sizeof(*commits->candidate));
	if (!commits->candidate)
		return fault_set(fault, -ENOMEM, "out of memory");
	for (unsigned task = 1; task <= finds->tasks; task++) {
		for (size_t i = 0; i < finds->count; i++) {
			git_commit *commit;

			if (finds->item[i].task != task || !is_own(finds, i) ||
			    commits->candidates >= NAMED_CANDIDATES)
				continue;
			if (git_commit_lookup(&commit, repository, &finds->item[i].id) < 0)
				return trouble_set(fault, -EIO, "a commit of %s", commits->name);
			add_candidate(commits, commit, task);
			git_commit_free(commit);
		}
	}
	return fault_set(fault, -ENOTUNIQ,
	                 "%u tasks are called %s, since histories were merged that both had this "
	                 "id: revert one of their commits instead",
	                 finds->tasks, commits->name);
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
	if (!error)
		error = tell_apart(&finds, repository);
	if (error)
		error = trouble_set(fault, error, "%s", git_repository_path(repository));
	else if (finds.count == 0)
		error = not_in_main(repository, task, fault);
	else if (finds.tasks > 1)
		error = list_candidates(commits, &finds, repository, fault);
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
		return fault_set(
		        fault, -ENOENT,
		        "%.80s is neither a task (learn/20261122-gateway-000017) nor a commit of "
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

	*commits = (struct named_commits){0};
	return task ? find_task(commits, reader, task, fault)
	            : find_commit(commits, reader->repository, name, fault);
}

void names_clear(struct named_commits *commits)
{
	free(commits->commit);
	free(commits->candidate);
	*commits = (struct named_commits){0};
}
