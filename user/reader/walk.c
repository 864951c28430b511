/* SPDX-License-Identifier: MIT */
/*
 * The commits of main one by one, newest first, without reading all of them first as a
 * topological order would. A heap by time; of two of one second that which was met first.
 */
#include <stdlib.h>
#include <string.h>

#include "reader/internal.h"

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
	git_oid *seen; /* owned: a hash table; zero: free */
	size_t seens, slots;
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

	if (walk->count == walk->room) {
		size_t room = walk->room ? 2 * walk->room : 64;
		struct met *grown = realloc(walk->heap, room * sizeof(*grown));

		if (!grown)
			return no_memory();
		walk->heap = grown;
		walk->room = room;
	}
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

static git_oid *slot_of(git_oid *seen, size_t slots, const git_oid *id)
{
	size_t slot;

	memcpy(&slot, id->id, sizeof(slot));
	slot &= slots - 1;
	while (!git_oid_is_zero(&seen[slot]) && !git_oid_equal(&seen[slot], id))
		slot = (slot + 1) & (slots - 1);
	return &seen[slot];
}

/* 1: it is new, 0: it was met before. */
static int note(struct reader_walk *walk, const git_oid *id)
{
	size_t slots = walk->slots ? 2 * walk->slots : 256;
	git_oid *slot, *grown;

	if (2 * (walk->seens + 1) > walk->slots) {
		grown = calloc(slots, sizeof(*grown));
		if (!grown)
			return no_memory();
		for (size_t i = 0; i < walk->slots; i++)
			if (!git_oid_is_zero(&walk->seen[i]))
				*slot_of(grown, slots, &walk->seen[i]) = walk->seen[i];
		free(walk->seen);
		walk->seen = grown;
		walk->slots = slots;
	}
	slot = slot_of(walk->seen, walk->slots, id);
	if (!git_oid_is_zero(slot))
		return 0;
	*slot = *id;
	walk->seens++;
	return 1;
}

static int meet(struct reader_walk *walk, const git_oid *id)
{
	struct met met = {.id = *id, .turn = walk->turns++};
	git_commit *commit;
	int error = note(walk, id);

	if (error <= 0)
		return error;
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
	free(walk->seen);
	free(walk);
}
