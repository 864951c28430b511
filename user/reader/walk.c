/* SPDX-License-Identifier: MIT */
/*
 * The commits of main one by one, newest first; of two in one second the one met first. A
 * topological order would have to read all commits first.
 */
#include "reader/walk.h"

#include <stdlib.h>

#include "pack/pack.h"
#include "reader/state.h"

struct met {
	git_oid id;
	int64_t time;
};

struct reader_walk {
	struct reader *reader;
	struct met *met; /* owned; the newest, which comes next, is the last */
	size_t count, room;
	struct idmap seen; /* a set of commits */
};

static int no_memory(void)
{
	git_error_set_oom();
	return GIT_ERROR;
}

/* A walk is rarely more than some dozens of commits wide. */
static int insert(struct reader_walk *walk, const struct met *met)
{
	size_t at = walk->count;

	if (array_reserve(&walk->met, &walk->room, walk->count + 1))
		return no_memory();
	for (walk->count++; at > 0 && walk->met[at - 1].time >= met->time; at--)
		walk->met[at] = walk->met[at - 1];
	walk->met[at] = *met;
	return 0;
}

static int meet(struct reader_walk *walk, const git_oid *id)
{
	struct met met = {.id = *id};
	git_commit *commit;
	int error = idmap_add(&walk->seen, NULL, id->id);

	if (error <= 0)
		return error < 0 ? no_memory() : 0;
	error = git_commit_lookup(&commit, walk->reader->repository, id);
	if (error < 0)
		return error;
	met.time = git_commit_time(commit);
	git_commit_free(commit);
	return insert(walk, &met);
}

int reader_walk_new(struct reader_walk **out, struct reader *reader, const git_commit *tip)
{
	struct reader_walk *walk = calloc(1, sizeof(*walk));

	*out = walk;
	if (!walk)
		return no_memory();
	walk->reader = reader;
	walk->seen = (struct idmap)IDMAP(GIT_OID_RAWSZ);
	return meet(walk, git_commit_id(tip));
}

int reader_walk_next(git_oid *id, struct reader_walk *walk)
{
	git_commit *commit;
	int error;

	if (walk->count == 0)
		return GIT_ITEROVER;
	*id = walk->met[--walk->count].id;
	if (shallow_has(&walk->reader->shallow, id))
		return 0;
	error = git_commit_lookup(&commit, walk->reader->repository, id);
	if (error < 0)
		return error;
	for (unsigned i = 0; i < git_commit_parentcount(commit) && error == 0; i++)
		error = meet(walk, git_commit_parent_id(commit, i));
	git_commit_free(commit);
	return error;
}

void reader_walk_free(struct reader_walk *walk)
{
	if (!walk)
		return;
	free(walk->met);
	idmap_clear(&walk->seen);
	free(walk);
}
