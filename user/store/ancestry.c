// SPDX-License-Identifier: MIT
/*
 * The merge base as git defines it, by git's own walk (paint_down_to_common() in its
 * commit-reach.c). Most pushes are based on a main of a short time ago: then the walk is done here,
 * which saves a push two starts of git. Whatever is not plain is left to git.
 */
#include "store/ancestry.h"

#include <errno.h>
#include <stdlib.h>

#include "store/commits.h"
#include "store/gitchild.h"

#define NEAR 256   /* commits that are read: a millisecond, less than a start of git */
#define FAR  16384 /* where git cannot be started: a second at most */

enum { OF_ONE = 1, OF_TWO = 2, STALE = 4, RESULT = 8 };
#define OF_BOTH (OF_ONE | OF_TWO)

struct walk {
	git_odb *odb;
	struct idmap seen;            /* its numbers are the indexes below */
	uint32_t most;                /* commits */
	struct stored_commit *commit; /* these three are owned */
	unsigned char *flags;
	bool *queued;
};

static int meet(struct walk *walk, const git_oid *id, unsigned flags)
{
	struct fault ignored;
	uint32_t number;
	int added;

	if (walk->seen.count == walk->most && idmap_find(&walk->seen, id->id) == IDMAP_NONE)
		return -EAGAIN;
	added = idmap_add(&walk->seen, &number, id->id);
	if (added < 0)
		return added;
	if (added > 0 && (stored_commit_read(&walk->commit[number], walk->odb, id, &ignored) < 0 ||
	                  walk->commit[number].parents == STORED_PARENTS))
		return -EAGAIN;
	if ((walk->flags[number] & flags) == flags)
		return 0;
	walk->flags[number] |= (unsigned char)flags;
	walk->queued[number] = true;
	return 0;
}

/* The latest that is queued; -1: all of them are stale. */
static int next(const struct walk *walk)
{
	bool fresh = false;
	int latest = -1;

	for (uint32_t i = 0; i < walk->seen.count; i++) {
		if (!walk->queued[i])
			continue;
		fresh = fresh || !(walk->flags[i] & STALE);
		if (latest < 0 || walk->commit[i].time > walk->commit[latest].time)
			latest = (int)i;
	}
	return fresh ? latest : -1;
}

static int paint(struct walk *walk)
{
	int number, error = 0;

	while (!error && (number = next(walk)) >= 0) {
		const struct stored_commit *commit = &walk->commit[number];
		unsigned flags = walk->flags[number] & (OF_BOTH | STALE);

		walk->queued[number] = false;
		if (flags == OF_BOTH) {
			walk->flags[number] |= RESULT;
			flags |= STALE;
		}
		for (unsigned i = 0; i < commit->parents && !error; i++)
			error = meet(walk, &commit->parent[i], flags);
	}
	return error;
}

/* Several, or none: git decides. */
static int take_result(git_oid *base, const struct walk *walk)
{
	unsigned results = 0;

	for (uint32_t i = 0; i < walk->seen.count; i++) {
		if ((walk->flags[i] & (RESULT | STALE)) != RESULT)
			continue;
		git_oid_fromraw(base, idmap_key(&walk->seen, i));
		results++;
	}
	return results == 1 ? 0 : -EAGAIN;
}

static void walk_free(struct walk *walk)
{
	if (!walk)
		return;
	idmap_clear(&walk->seen);
	git_odb_free(walk->odb);
	free(walk->commit);
	free(walk->flags);
	free(walk->queued);
	free(walk);
}

/* Any error: only git can say. walk_free() in any case. */
static int walk_new(struct walk **out, git_repository *repository, const git_oid *one,
                    const git_oid *two, uint32_t most)
{
	struct walk *walk = *out = calloc(1, sizeof(*walk));
	struct shallow shallow = {0};
	struct fault ignored;
	int error;

	if (!walk)
		return -ENOMEM;
	walk->seen = (struct idmap)IDMAP(GIT_OID_RAWSZ);
	walk->most = most;
	walk->commit = calloc(most, sizeof(*walk->commit));
	walk->flags = calloc(most, sizeof(*walk->flags));
	walk->queued = calloc(most, sizeof(*walk->queued));
	if (!walk->commit || !walk->flags || !walk->queued)
		return -ENOMEM;
	error = shallow_read(&shallow, git_repository_path(repository), &ignored);
	if (!error && shallow.count > 0)
		error = -EAGAIN;
	shallow_clear(&shallow);
	if (!error && git_repository_odb(&walk->odb, repository) < 0)
		error = -EAGAIN;
	if (!error)
		error = meet(walk, one, OF_ONE);
	if (!error)
		error = meet(walk, two, OF_TWO);
	return error ? error : paint(walk);
}

static int walk_within(git_oid *base, git_repository *repository, const git_oid *one,
                       const git_oid *two, uint32_t most)
{
	struct walk *walk;
	int error = walk_new(&walk, repository, one, two, most);

	if (!error)
		error = take_result(base, walk);
	walk_free(walk);
	return error ? -EAGAIN : 0;
}

int ancestry_near(git_oid *base, git_repository *repository, const git_oid *one, const git_oid *two)
{
	return walk_within(base, repository, one, two, NEAR);
}

static int take_line(void *context, char *line)
{
	return git_oid_fromstr(context, line) < 0 ? -EINVAL : 0;
}

/* libgit2 1.5 does not know git's file `shallow`, fails where packs are joined under it, and then
 * leaks: its paint_down_to_common() (merge.c) returns from an error without freeing its queue. */
int ancestry_base(git_oid *base, git_repository *repository, const git_oid *one, const git_oid *two,
                  struct fault *fault)
{
	char first[GIT_OID_HEXSZ + 1], second[GIT_OID_HEXSZ + 1];
	const char *const arguments[] = {"merge-base", git_oid_tostr(first, sizeof(first), one),
	                                 git_oid_tostr(second, sizeof(second), two), NULL};
	int error;

	if (ancestry_near(base, repository, one, two) == 0)
		return 0;
	error = gitchild_run(git_repository_path(repository), arguments, NULL, take_line, base,
	                     fault);
	/* A process that may start none, such as the page's server, walks farther. */
	if ((error == -EPERM || error == -EACCES || error == -ENOSYS) &&
	    walk_within(base, repository, one, two, FAR) == 0)
		return 0;
	return error;
}
