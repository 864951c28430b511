// SPDX-License-Identifier: MIT
/*
 * Walks down from all parents of a merge at once, children first, until all that is met comes from
 * the first parent, too. So the walk is as long as the branch is old, and no longer.
 *
 * The look-back index has parents before children. Without it the commits' times decide, as in git:
 * clocks that differ much may then mislead it.
 */
#include "reader/side.h"

#include <stdlib.h>

#include "pack/pack.h"
#include "reader/state.h"

#define MAIN  1u /* the first parent has it */
#define OTHER 2u /* another parent has it */

/* By time a commit may be newer than its child. So many more of main's are looked at. */
#define SLACK 16

struct node {
	git_oid id;
	int64_t rank;  /* in the index; or the time */
	uint32_t link; /* of its first parent */
	unsigned parents, met;
	bool read, queued, visited;
};

struct visit {
	uint32_t node;
	unsigned next;
};

struct paint {
	struct reader *reader;
	struct idmap ids;
	struct node *node; /* owned; by number in `ids`, as all below */
	size_t room;
	git_oid *link; /* owned: parents */
	size_t links, link_room;
	uint32_t *queue; /* owned; the newest is the last */
	size_t queued, queue_room;
	size_t open;         /* in the queue, and not known to be main's */
	struct visit *visit; /* owned */
	size_t visits, visit_room;
	bool by_time;
};

static int no_memory(void)
{
	git_error_set_oom();
	return GIT_ERROR;
}

static int read_node(struct paint *paint, struct node *node)
{
	git_commit *commit;
	int error = git_commit_lookup(&commit, paint->reader->repository, &node->id);

	if (error < 0)
		return error;
	node->rank = git_commit_time(commit);
	if (!paint->by_time) {
		uint32_t ordinal = 0;

		(void)index_find(paint->reader->index, &node->id, &ordinal);
		node->rank = ordinal;
	}
	node->link = (uint32_t)paint->links;
	if (!shallow_has(&paint->reader->shallow, &node->id))
		node->parents = git_commit_parentcount(commit);
	if (array_reserve(&paint->link, &paint->link_room, paint->links + node->parents))
		error = no_memory();
	for (unsigned i = 0; i < node->parents && !error; i++)
		paint->link[paint->links++] = *git_commit_parent_id(commit, i);
	node->read = true;
	git_commit_free(commit);
	return error;
}

static int enqueue(struct paint *paint, uint32_t number)
{
	size_t at = paint->queued;

	if (array_reserve(&paint->queue, &paint->queue_room, paint->queued + 1))
		return no_memory();
	for (paint->queued++;
	     at > 0 && paint->node[paint->queue[at - 1]].rank >= paint->node[number].rank; at--)
		paint->queue[at] = paint->queue[at - 1];
	paint->queue[at] = number;
	paint->node[number].queued = true;
	paint->open += !(paint->node[number].met & MAIN);
	return 0;
}

static int meet(struct paint *paint, const git_oid *id, unsigned from)
{
	uint32_t number = idmap_find(&paint->ids, id->id);
	struct node *node;
	int error;

	if (number == IDMAP_NONE || !paint->node) {
		number = paint->ids.count;
		if (array_reserve(&paint->node, &paint->room, number + 1) ||
		    idmap_add(&paint->ids, NULL, id->id) < 0)
			return no_memory();
		paint->node[number] = (struct node){.id = *id};
		error = read_node(paint, &paint->node[number]);
		if (error < 0)
			return error;
	}
	node = &paint->node[number];
	if ((node->met | from) == node->met)
		return 0;
	if (node->queued)
		paint->open -= !(node->met & MAIN) && (from & MAIN);
	node->met |= from;
	/* What was looked at before must say it to its parents. */
	return node->queued ? 0 : enqueue(paint, number);
}

static int walk_down(struct paint *paint)
{
	unsigned slack = paint->by_time ? SLACK : 0;
	int error = 0;

	while (!error && paint->queued > 0 && (paint->open > 0 || slack-- > 0)) {
		uint32_t number = paint->queue[--paint->queued];
		struct node *node = &paint->node[number];
		uint32_t link = node->link;
		unsigned parents = node->parents, met = node->met;

		node->queued = false;
		paint->open -= !(met & MAIN);
		for (unsigned i = 0; i < parents && !error; i++) {
			git_oid parent = paint->link[link + i];

			error = meet(paint, &parent, met);
		}
	}
	return error;
}

static int push_visit(struct paint *paint, const git_oid *id)
{
	uint32_t number = idmap_find(&paint->ids, id->id);
	struct node *node = number == IDMAP_NONE ? NULL : &paint->node[number];

	if (!node || node->visited || (node->met & MAIN))
		return 0;
	if (array_reserve(&paint->visit, &paint->visit_room, paint->visits + 1))
		return no_memory();
	node->visited = true;
	paint->visit[paint->visits++] = (struct visit){.node = number};
	return 0;
}

/* Adds what one of the other parents brought, parents first. */
static int add_branch(struct side *side, struct paint *paint, const git_oid *tip)
{
	int error = push_visit(paint, tip);

	while (!error && paint->visits > 0) {
		struct visit *visit = &paint->visit[paint->visits - 1];
		const struct node *node = &paint->node[visit->node];

		if (visit->next < node->parents) {
			git_oid parent = paint->link[node->link + visit->next++];

			error = push_visit(paint, &parent);
			continue;
		}
		paint->visits--;
		if (array_reserve(&side->id, &side->room, side->count + 1))
			return no_memory();
		side->id[side->count++] = node->id;
	}
	return error;
}

static int compare_ranks(const void *a, const void *b, void *context)
{
	const struct paint *paint = context;
	int64_t left = paint->node[idmap_find(&paint->ids, ((const git_oid *)a)->id)].rank;
	int64_t right = paint->node[idmap_find(&paint->ids, ((const git_oid *)b)->id)].rank;

	return (left > right) - (left < right);
}

int side_find(struct side *side, struct reader *reader, const git_commit *merge)
{
	struct paint paint = {.reader = reader, .ids = (struct idmap)IDMAP(GIT_OID_RAWSZ)};
	unsigned parents = git_commit_parentcount(merge);
	uint32_t ordinal;
	int error = 0;

	*side = (struct side){0};
	paint.by_time =
	        !reader->index || index_find(reader->index, git_commit_id(merge), &ordinal) < 0;
	for (unsigned i = 0; i < parents && !error; i++)
		error = meet(&paint, git_commit_parent_id(merge, i), i ? OTHER : MAIN);
	if (!error)
		error = walk_down(&paint);
	for (unsigned i = 1; i < parents && !error; i++)
		error = add_branch(side, &paint, git_commit_parent_id(merge, i));
	if (!paint.by_time && side->count > 1)
		qsort_r(side->id, side->count, sizeof(*side->id), compare_ranks, &paint);
	for (size_t i = 0; i < side->count / 2; i++) {
		git_oid other = side->id[i];

		side->id[i] = side->id[side->count - 1 - i];
		side->id[side->count - 1 - i] = other;
	}
	idmap_clear(&paint.ids);
	free(paint.node);
	free(paint.link);
	free(paint.queue);
	free(paint.visit);
	return error;
}

void side_clear(struct side *side)
{
	free(side->id);
	*side = (struct side){0};
}
