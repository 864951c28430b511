// SPDX-License-Identifier: MIT
/*
 * From the tip of main back to what the index has, then forwards: parents before children. Of each
 * commit that is new, what it changed becomes rows (index_diff.c); and main's line is brought to
 * the tip, over commits that may have been there already.
 */
#include "lookback/index_walk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "lookback/index_diff.h"
#include "lookback/index_feed.h"
#include "store/store.h"

#define NONE UINT32_MAX

#define FLUSH_EVERY  100000 /* commits */
#define CHANGES_EACH 16     /* of a commit that is read, as a limit counts them */
#define MANY         4096   /* likewise: it pays to look into the packs */

struct node {
	git_oid id, tree; /* tree: of a known one zero until it is asked for */
	int64_t time;
	uint32_t parent; /* the first one's place in walk.link */
	uint16_t parents;
	bool known; /* to the index, before this walk */
	bool fed;
	bool line; /* on main's line, and new there */
};

/* On the way down: which parent comes next. */
struct visit {
	uint32_t node;
	uint16_t next;
};

struct walk {
	struct index *index;
	const struct index_catch_up *how;
	struct fault *fault;
	git_odb *odb;
	struct index_diff *diff;
	struct progress progress;

	struct node *node;
	uint32_t nodes, node_room;
	git_oid *link; /* parents */
	size_t links, link_room;
	uint32_t *slot; /* a hash table of nodes by id; NONE: free */
	size_t slots;   /* a power of two */
	struct visit *visit;
	size_t visits, visit_room;
	uint32_t *order; /* parents first */
	size_t ordered, order_room;
	size_t read, differences; /* from the repository: commits, and changes */
	bool had_rows, met_last;
	git_oid last; /* the index's last row */

	struct index_commit *again; /* known, and new on the line; oldest last */
	size_t agains, again_room;
	uint32_t drop; /* how many leave the line */

	uint32_t commit;  /* the ordinal of the one at hand */
	const char *name; /* the segment met last, and its number */
	uint16_t number;
	int error;
};

static int no_memory(struct fault *fault)
{
	return fault_set(fault, -ENOMEM, "out of memory");
}

/* The array, with room for one more of `size`; NULL: out of memory, and it is as it was. */
static void *reserve(void *array, size_t count, size_t *room, size_t size)
{
	size_t larger = *room ? 2 * *room : 64;

	if (array && count < *room)
		return array;
	array = realloc(array, larger * size);
	if (array)
		*room = larger;
	return array;
}

static size_t slot_of(const struct walk *walk, const git_oid *id)
{
	size_t slot;

	memcpy(&slot, id->id, sizeof(slot));
	slot &= walk->slots - 1;
	while (walk->slot[slot] != NONE && !git_oid_equal(&walk->node[walk->slot[slot]].id, id))
		slot = (slot + 1) & (walk->slots - 1);
	return slot;
}

static bool grow_slots(struct walk *walk)
{
	size_t slots = walk->slots ? 2 * walk->slots : 256;
	uint32_t *grown;

	if (2 * ((size_t)walk->nodes + 1) <= walk->slots)
		return true;
	grown = malloc(slots * sizeof(*grown));
	if (!grown)
		return false;
	free(walk->slot);
	walk->slot = grown;
	walk->slots = slots;
	memset(grown, 0xff, slots * sizeof(*grown));
	for (uint32_t i = 0; i < walk->nodes; i++)
		grown[slot_of(walk, &walk->node[i].id)] = i;
	return true;
}

/* What a new commit says of itself: from the feed, or from the repository. */
static int fill_node(struct walk *walk, struct stored_commit *commit, struct node *node)
{
	const struct index_fed *fed =
	        walk->how->feed ? index_feed_find(walk->how->feed, &node->id) : NULL;
	uint32_t ordinal;
	int error = -ENOENT;

	if (git_oid_equal(&node->id, &walk->last))
		error = 0;
	else if (!fed || walk->how->overlap)
		error = index_find(walk->index, &node->id, &ordinal);
	node->known = error == 0;
	if (error != -ENOENT)
		return error;
	if (fed) {
		commit->tree = fed->tree;
		commit->parents = fed->parents;
		memcpy(commit->parent, fed->parent, sizeof(fed->parent));
		commit->time = fed->time;
		node->fed = true;
	} else {
		if (walk->how->limit && walk->read >= walk->how->limit)
			return fault_set(walk->fault, -E2BIG, "there is more to read");
		walk->read++;
		error = stored_commit_read(commit, walk->odb, &node->id, walk->fault);
		if (error)
			return error;
	}
	if (shallow_has(walk->how->shallow, &node->id))
		commit->parents = 0;
	node->tree = commit->tree;
	node->time = commit->time;
	return 0;
}

static int add_links(struct walk *walk, uint32_t number, const struct stored_commit *commit)
{
	walk->node[number].parent = (uint32_t)walk->links;
	walk->node[number].parents = (uint16_t)commit->parents;
	for (unsigned i = 0; i < commit->parents; i++) {
		git_oid *grown;

		grown = reserve(walk->link, walk->links, &walk->link_room, sizeof(*grown));
		if (!grown)
			return no_memory(walk->fault);
		walk->link = grown;
		walk->link[walk->links++] = commit->parent[i];
	}
	return 0;
}

static int push(struct walk *walk, uint32_t number)
{
	struct visit *grown;

	grown = reserve(walk->visit, walk->visits, &walk->visit_room, sizeof(*grown));
	if (!grown)
		return no_memory(walk->fault);
	walk->visit = grown;
	walk->visit[walk->visits++] = (struct visit){.node = number};
	return 0;
}

static uint32_t node_of(const struct walk *walk, const git_oid *id)
{
	return walk->slots ? walk->slot[slot_of(walk, id)] : NONE;
}

/* Looks at a commit; one that is new is gone down from. */
static int meet(struct walk *walk, const git_oid *id)
{
	struct stored_commit commit = {.parents = 0};
	size_t room = walk->node_room;
	struct node *node;
	uint32_t number;
	int error;

	if (node_of(walk, id) != NONE)
		return 0;
	if (!grow_slots(walk))
		return no_memory(walk->fault);
	node = reserve(walk->node, walk->nodes, &room, sizeof(*node));
	if (!node)
		return no_memory(walk->fault);
	walk->node = node;
	walk->node_room = (uint32_t)room;
	node = &walk->node[walk->nodes];
	*node = (struct node){.id = *id};
	error = fill_node(walk, &commit, node);
	if (error)
		return error;
	number = walk->nodes;
	walk->slot[slot_of(walk, id)] = walk->nodes++;
	if (node->known) {
		walk->met_last |= git_oid_equal(id, &walk->last);
		return 0;
	}
	error = add_links(walk, number, &commit);
	return error ? error : push(walk, number);
}

/* Goes down to what is known, and puts what is not in order, parents first. */
static int collect(struct walk *walk)
{
	int error = meet(walk, walk->how->tip);

	while (!error && walk->visits > 0) {
		struct visit *visit = &walk->visit[walk->visits - 1];
		const struct node *node = &walk->node[visit->node];
		uint32_t *grown;
		git_oid parent;

		if (visit->next < node->parents) {
			parent = walk->link[node->parent + visit->next++];
			error = meet(walk, &parent);
			progress_step(&walk->progress, walk->nodes);
			continue;
		}
		grown = reserve(walk->order, walk->ordered, &walk->order_room, sizeof(*grown));
		if (!grown)
			return no_memory(walk->fault);
		walk->order = grown;
		walk->order[walk->ordered++] = visit->node;
		walk->visits--;
	}
	return error;
}

struct seek {
	const git_oid *id;
	uint32_t passed;
};

static int seek_step(void *context, uint32_t ordinal, const struct index_commit *commit)
{
	struct seek *seek = context;

	(void)ordinal;
	if (seek->id && git_oid_equal(&commit->id, seek->id))
		return 1;
	seek->passed++;
	return 0;
}

static int add_again(struct walk *walk, const git_oid *id, int64_t time)
{
	struct index_commit *grown;

	grown = reserve(walk->again, walk->agains, &walk->again_room, sizeof(*grown));
	if (!grown)
		return no_memory(walk->fault);
	walk->again = grown;
	walk->again[walk->agains++] =
	        (struct index_commit){.id = *id, .time = time, .flags = INDEX_LINE | INDEX_AGAIN};
	return 0;
}

/* How many rows of the line come after that of a commit; 1: it is there, 0: it is not. */
static int seek_line(struct walk *walk, const git_oid *id, uint32_t *passed)
{
	struct seek seek = {.id = id};
	int found = index_line(walk->index, INT64_MAX, seek_step, &seek);

	*passed = seek.passed;
	return found;
}

/*
 * First parents from the tip, down to a commit that is on the line: what the line had above that
 * one is off it (somebody merged main into a branch of his own, and made that main). Commits in
 * between may be known, as another's ancestors.
 */
static int find_line(struct walk *walk)
{
	git_oid at = *walk->how->tip;
	struct stored_commit commit = {.parents = 1};
	int found = 0;

	for (;;) {
		struct node *node = &walk->node[node_of(walk, &at)];

		if (node->known)
			break;
		node->line = true;
		if (node->parents == 0)
			return seek_line(walk, NULL, &walk->drop);
		at = walk->link[node->parent];
	}
	while ((found = seek_line(walk, &at, &walk->drop)) == 0 && commit.parents > 0) {
		int error = stored_commit_read(&commit, walk->odb, &at, walk->fault);

		if (!error)
			error = add_again(walk, &at, commit.time);
		if (error)
			return error;
		if (shallow_has(walk->how->shallow, &at))
			commit.parents = 0;
		at = commit.parent[0];
	}
	return found < 0 ? found : 0;
}

/* The tree of a commit; that of a known one is asked for now. */
static int tree_of(struct walk *walk, const git_oid **tree, const git_oid *id)
{
	struct node *node = &walk->node[node_of(walk, id)];
	struct stored_commit commit;

	if (node->known && git_oid_is_zero(&node->tree)) {
		int error = stored_commit_read(&commit, walk->odb, id, walk->fault);

		if (error)
			return error;
		node->tree = commit.tree;
	}
	*tree = &node->tree;
	return 0;
}

static int number_of(struct walk *walk, uint16_t *number, const char *segment)
{
	int error;

	if (!walk->name || strcmp(walk->name, segment) != 0) {
		error = index_segment(walk->index, &walk->number, segment);
		if (error)
			return error;
		walk->name = index_segment_name(walk->index, walk->number);
	}
	*number = walk->number;
	return 0;
}

static int add_difference(void *context, const char *segment, uint32_t address, struct mac before,
                          struct mac after)
{
	struct walk *walk = context;
	struct index_change change = {
	        .commit = walk->commit, .address = address, .before = before, .after = after};

	if (walk->how->limit && ++walk->differences > walk->how->limit * CHANGES_EACH)
		walk->error = -E2BIG;
	else
		walk->error = number_of(walk, &change.segment, segment);
	if (!walk->error)
		walk->error = index_add_change(walk->index, &change);
	return walk->error;
}

/* What a commit changed, as its trees say. */
static int add_read(struct walk *walk, const struct node *node)
{
	const git_oid *parent[STORED_PARENTS];
	int error = 0;

	if (!walk->diff)
		walk->diff = index_diff_new(walk->how->repository, walk->ordered > MANY);
	if (!walk->diff)
		return no_memory(walk->fault);
	for (unsigned i = 0; i < node->parents && !error; i++)
		error = tree_of(walk, &parent[i], &walk->link[node->parent + i]);
	if (error)
		return error;
	walk->error = 0;
	error = index_diff_run(walk->diff, &node->tree, parent, node->parents, add_difference,
	                       walk);
	if (walk->error)
		return fault_set(walk->fault, walk->error, "the index cannot be added to: %s",
		                 strerror(-walk->error));
	return error ? trouble_set(walk->fault, error, "what commit %s changed",
	                           git_oid_tostr_s(&node->id))
	             : 0;
}

/* What a commit changed, as its maker said. */
static int add_fed(struct walk *walk, const struct node *node)
{
	const struct index_fed *fed = index_feed_find(walk->how->feed, &node->id);
	int error = 0;

	for (size_t i = 0; i < fed->changes && !error; i++) {
		struct index_change change = {.commit = walk->commit,
		                              .address = fed->change[i].address,
		                              .flags = fed->change[i].flags,
		                              .before = fed->change[i].before,
		                              .after = fed->change[i].after};

		error = number_of(walk, &change.segment, fed->change[i].segment);
		if (!error)
			error = index_add_change(walk->index, &change);
	}
	return error ? fault_set(walk->fault, error, "the index cannot be added to: %s",
	                         strerror(-error))
	             : 0;
}

static int add_row(struct walk *walk, struct index_commit *row)
{
	int error;

	if (row->flags & INDEX_LINE) {
		row->flags |= walk->drop;
		walk->drop = 0;
	}
	walk->commit = index_commits(walk->index);
	error = index_add_commit(walk->index, row);
	return error ? fault_set(walk->fault, error, "the index cannot be added to: %s",
	                         strerror(-error))
	             : 0;
}

static int add_rows(struct walk *walk)
{
	int error = 0;

	while (walk->agains > 0 && !error)
		error = add_row(walk, &walk->again[--walk->agains]);
	for (size_t i = 0; i < walk->ordered && !error; i++) {
		const struct node *node = &walk->node[walk->order[i]];
		struct index_commit row = {.id = node->id, .time = node->time};

		row.flags =
		        (node->line ? INDEX_LINE : 0) | (i + 1 == walk->ordered ? INDEX_TIP : 0);
		error = add_row(walk, &row);
		if (!error)
			error = node->fed ? add_fed(walk, node) : add_read(walk, node);
		progress_step(&walk->progress, i);
		/* From nothing: what is full need not stay in memory. */
		if (!error && !walk->had_rows && i % FLUSH_EVERY == FLUSH_EVERY - 1)
			error = index_flush(walk->index, walk->fault);
	}
	return error;
}

static void forget_fed(struct walk *walk)
{
	for (size_t i = 0; walk->how->feed && i < walk->ordered; i++)
		index_feed_remove(walk->how->feed, &walk->node[walk->order[i]].id);
}

static void clear(struct walk *walk)
{
	index_diff_free(walk->diff);
	git_odb_free(walk->odb);
	free(walk->node);
	free(walk->link);
	free(walk->slot);
	free(walk->visit);
	free(walk->order);
	free(walk->again);
}

/* Both passes: only the second knows how many there are. */
static int bring_up(struct walk *walk)
{
	char text[PROGRESS_TEXT], count[PROGRESS_COUNT_TEXT];
	int error;

	if (walk->how->show)
		progress_begin(&walk->progress, "reading the history", 0);
	error = collect(walk);
	if (walk->how->show)
		progress_end(&walk->progress);
	if (!error && walk->had_rows && !walk->met_last)
		error = fault_set(walk->fault, -ESTALE, "the index is of another history");
	if (error || walk->ordered == 0)
		return error;
	error = find_line(walk);
	if (error)
		return error;
	snprintf(text, sizeof(text), "indexing %s commits, to look back quickly",
	         progress_count(count, walk->ordered));
	if (walk->how->show)
		progress_begin(&walk->progress, text, walk->ordered);
	error = add_rows(walk);
	if (walk->how->show)
		progress_end(&walk->progress);
	return error;
}

int index_catch_up(struct index *index, const struct index_catch_up *how, struct fault *fault)
{
	struct walk walk = {.index = index, .how = how, .fault = fault};
	struct index_commit last;
	int error = 0;

	walk.progress.next = UINT64_MAX; /* none, unless it is begun */
	walk.had_rows = index_commits(index) > 0;
	if (walk.had_rows) {
		error = index_commit_at(index, index_commits(index) - 1, &last);
		walk.last = last.id;
	}
	if (error)
		return fault_set(fault, error, "the index is damaged");
	if (walk.had_rows && git_oid_equal(&walk.last, how->tip))
		return 0;
	error = git_repository_odb(&walk.odb, how->repository);
	error = error < 0 ? trouble_set(fault, error, "the repository's objects") : bring_up(&walk);
	if (!error)
		forget_fed(&walk);
	clear(&walk);
	return error;
}
