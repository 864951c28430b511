/* SPDX-License-Identifier: MIT */
/*
 * The commits of main one by one, newest first. A heap orders them by time; of two in one second
 * the one met first comes first. A topological order would have to read all commits first.
 */
#include "reader/walk.h"

#include <stdlib.h>

#include "reader/state.h"

struct met {
	git_oid id;
	int64_t time;
	uint64_t turn;
};

struct reader_walk {
	struct reader *reader;
	struct met *heap; /* owned */
	size_t count, room;
	uint64_t turns;
	struct idmap seen; /* a set of commits */
};

static bool is_earlier(const struct met *a, const struct met *b)
{
	return a->time != b->time ? a->time < b->time : a->turn > b->turn;
}

static int no_memory(void)
{
	git_error_set_oom();
	return GIT_ERROR;
}

static int push(struct reader_walk *walk, const struct met *met)
{
	size_t at = walk->count;

	if (array_reserve(&walk->heap, &walk->room, walk->count + 1))
		return no_memory();
	walk->count++;
	for (; at > 0 && is_earlier(&walk->heap[(at - 1) / 2], met); at = (at - 1) / 2)
		walk->heap[at] = walk->heap[(at - 1) / 2];
	walk->heap[at] = *met;
	return 0;
}

static struct met pop(struct reader_walk *walk)
{
	struct met top = walk->heap[0], last = walk->heap[--walk->count];
	size_t at = 0, child;

	while ((child = 2 * at + 1) < walk->count) {
		if (child + 1 < walk->count &&
		    is_earlier(&walk->heap[child], &walk->heap[child + 1]))
			child++;
		if (!is_earlier(&last, &walk->heap[child]))
			break;
		walk->heap[at] = walk->heap[child];
		at = child;
	}
	walk->heap[at] = last;
	return top;
}

static int meet(struct reader_walk *walk, const git_oid *id)
{
	struct met met = {.id = *id, .turn = walk->turns++};
	git_commit *commit;
	int error = idmap_add(&walk->seen, NULL, id->id);

	if (error <= 0)
		return error < 0 ? no_memory() : 0;
	error = git_commit_lookup(&commit, walk->reader->repository, id);
	if (error < 0)
		return error;
	met.time = git_commit_time(commit);
	git_commit_free(commit);
	return push(walk, &met);
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
	*id = pop(walk).id;
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
	free(walk->heap);
	idmap_clear(&walk->seen);
	free(walk);
}
