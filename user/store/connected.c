// SPDX-License-Identifier: MIT
/*
 * Finds the new commits, and compares each with its first parent. What both have is there: the
 * parent is looked at as well, or known. So each object is looked for once, where it appears.
 */
#include "store/connected.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/commits.h"
#include "store/gitchild.h"
#include "store/tree.h"
#include "store/trouble.h"

#define MANY 16 /* commits: then it pays to open the packs */
#define LINE 64 /* commits: with more, git lists them as fast */

/* A new commit, and its first parent. */
struct step {
	git_oid commit, parent;
	bool has_parent;
};

struct check {
	git_repository *repository;
	git_odb *odb;
	struct step *step; /* owned */
	size_t steps, room;
	const struct step *now; /* the one whose files are looked for */
	size_t files;
	struct fault *fault;
};

static bool is_there(const struct check *check, const git_oid *id)
{
	return git_odb_exists(check->odb, id);
}

/* --- commits ---------------------------------------------------------------------------------- */

/* "COMMIT", and its parents, as far as git's file `shallow` lets them count. */
static int take_commit(void *context, char *line)
{
	struct check *check = context;
	struct step step = {.has_parent = strlen(line) > GIT_OID_HEXSZ};

	if (git_oid_fromstr(&step.commit, line) < 0 ||
	    (step.has_parent && git_oid_fromstr(&step.parent, line + GIT_OID_HEXSZ + 1) < 0))
		return -EINVAL;
	if (array_reserve(&check->step, &check->room, check->steps + 1))
		return -ENOMEM;
	check->step[check->steps++] = step;
	return 0;
}

/* The first commit, from `tip` on, that has a parent which is not there. */
static int name_missing(struct check *check, const git_oid *tip)
{
	struct shallow shallow;
	struct idmap seen = IDMAP(GIT_OID_RAWSZ);
	int error = shallow_read(&shallow, git_repository_path(check->repository), check->fault);

	if (!error && idmap_add(&seen, NULL, tip->id) < 0)
		error = fault_set(check->fault, -ENOMEM, "out of memory");
	for (uint32_t i = 0; i < seen.count && i < CONNECTED_COMMITS && !error; i++) {
		char child[13], parent[13];
		struct stored_commit commit;
		git_oid id;

		memcpy(id.id, idmap_key(&seen, i), GIT_OID_RAWSZ);
		error = stored_commit_read(&commit, check->odb, &id, check->fault);
		if (error || shallow_has(&shallow, &id))
			continue;
		git_oid_tostr(child, sizeof(child), &id);
		for (unsigned j = 0; j < commit.parents && !error; j++) {
			git_oid_tostr(parent, sizeof(parent), &commit.parent[j]);
			if (!is_there(check, &commit.parent[j]))
				error = fault_set(check->fault, -ENOENT,
				                  "commit %s is missing, and %s is based on it",
				                  parent, child);
			else if (idmap_add(&seen, NULL, commit.parent[j].id) < 0)
				error = fault_set(check->fault, -ENOMEM, "out of memory");
		}
	}
	idmap_clear(&seen);
	shallow_clear(&shallow);
	return error;
}

/* From `tip` back to `base`, while each commit has one parent: most of what is pushed is such a
 * line, and needs no process. Otherwise no step is left: git must list them. */
static int follow_line(struct check *check, const git_oid *tip, const git_oid *base)
{
	struct step step = {.commit = *tip, .has_parent = true};
	struct stored_commit commit;
	int error = array_reserve(&check->step, &check->room, LINE);

	if (error)
		return fault_set(check->fault, error, "out of memory");
	while (!git_oid_equal(&step.commit, base)) {
		error = stored_commit_read(&commit, check->odb, &step.commit, check->fault);
		if (error || commit.parents != 1 || check->steps == LINE) {
			check->steps = 0;
			return 0;
		}
		step.parent = commit.parent[0];
		check->step[check->steps++] = step;
		step.commit = step.parent;
	}
	return 0;
}

static int list_commits(struct check *check, const git_oid *tip, const git_oid *known)
{
	char new[GIT_OID_HEXSZ + 1], old[GIT_OID_HEXSZ + 2] = "^", most[32];
	const char *const arguments[] = {
	        "rev-list", "--parents", most, git_oid_tostr(new, sizeof(new), tip),
	        old,        "--",        NULL};
	struct fault why;
	int error;

	git_oid_tostr(old + 1, sizeof(old) - 1, known);
	snprintf(most, sizeof(most), "--max-count=%d", CONNECTED_COMMITS);
	error = gitchild_run(git_repository_path(check->repository), arguments, NULL, take_commit,
	                     check, check->fault);
	if (error != -EIO)
		return error;
	why = *check->fault;
	error = name_missing(check, tip);
	return error ? error : fault_set(check->fault, -EIO, "%s", why.text);
}

/* --- folders and files ------------------------------------------------------------------------ */

static int look_for(void *context, const struct tree_difference *difference)
{
	struct check *check = context;
	char commit[13];

	if (++check->files > CONNECTED_FILES)
		return fault_set(check->fault, -E2BIG,
		                 "its commits change more than %u files: split it",
		                 CONNECTED_FILES);
	/* Of a submodule only a name is stored. */
	if (!difference->after || difference->after_mode == GIT_FILEMODE_COMMIT ||
	    is_there(check, difference->after))
		return 0;
	git_oid_tostr(commit, sizeof(commit), &check->now->commit);
	return fault_set(check->fault, -ENOENT, "%.200s of commit %s is missing: object %s",
	                 difference->path, commit, git_oid_tostr_s(difference->after));
}

static int tree_of(git_oid *tree, const struct check *check, const git_oid *commit)
{
	struct stored_commit read;
	int error = stored_commit_read(&read, check->odb, commit, check->fault);

	*tree = read.tree;
	return error;
}

static int look_at(struct check *check, struct trees *trees, const struct step *step)
{
	git_oid tree, before;
	int error = tree_of(&tree, check, &step->commit);

	if (!error && step->has_parent)
		error = tree_of(&before, check, &step->parent);
	if (error)
		return error;
	check->now = step;
	check->fault->text[0] = '\0';
	error = trees_compare(trees, step->has_parent ? &before : NULL, &tree, look_for, check);
	if (error && !check->fault->text[0])
		error = trouble_set(check->fault, error, "a folder of commit %s",
		                    git_oid_tostr_s(&step->commit));
	return error;
}

static int look_at_all(struct check *check)
{
	struct bulk *bulk = bulk_new(check->repository, check->steps > MANY);
	struct trees *trees = bulk ? trees_new(bulk) : NULL;
	int error = trees ? 0 : fault_set(check->fault, -ENOMEM, "out of memory");

	/* The oldest first: what it lacks, those that follow lack, too. */
	for (size_t i = check->steps; i > 0 && !error; i--)
		error = look_at(check, trees, &check->step[i - 1]);
	trees_free(trees);
	bulk_free(bulk);
	return error;
}

int connected_check(git_repository *repository, const git_oid *tip, const git_oid *known,
                    const git_oid *base, struct fault *fault)
{
	struct check check = {.repository = repository, .fault = fault};
	int error;

	if (base && git_oid_equal(tip, base))
		return 0;
	error = git_repository_odb(&check.odb, repository);
	if (error < 0)
		return trouble_set(fault, error, "%s", git_repository_path(repository));
	if (base)
		error = follow_line(&check, tip, base);
	if (!error && check.steps == 0)
		error = list_commits(&check, tip, known);
	if (!error && check.steps >= CONNECTED_COMMITS)
		error = fault_set(fault, -E2BIG, "it has %d commits or more: split it",
		                  CONNECTED_COMMITS);
	if (!error)
		error = look_at_all(&check);
	free(check.step);
	git_odb_free(check.odb);
	return error;
}
