// SPDX-License-Identifier: MIT
/*
 * Walks from the tip down to what the index has. Adds the commits that it found, parents before
 * children, and what each of them changed (index_feed.c or index_diff.c). Then brings main's line
 * to the tip, which may also go over commits that the index had already.
 */
#include "lookback/index_walk.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lookback/index_diff.h"
#include "lookback/index_feed.h"
#include "lookback/index_rows.h"

#define FLUSH_EVERY  100000 /* commits */
#define CHANGES_EACH 16     /* a limit allows so many per commit */
#define MANY         4096   /* commits: from here on it pays to look into the packs */

struct node {
	git_oid id, tree; /* tree: zero if known, until graph_tree() reads it */
	int64_t time;
	uint32_t link; /* of its first parent */
	uint16_t parents;
	bool known; /* to the index, before this walk */
	bool fed;   /* from the feed: its changes need not be read */
	bool line;  /* on main's line, and new there */
};

/* On the way down: which parent comes next. */
struct visit {
	uint32_t node;
	uint16_t next;
};

/* The commits that the tip has and the index does not. */
struct graph {
	struct index *index;
	const struct index_catch_up *how;
	git_odb *odb;
	git_oid last; /* the index's last row; zero: it has none */

	bool met_last;
	struct node *node; /* owned; by number in `ids`, as all below */
	size_t node_room;
	struct idmap ids;
	git_oid *link; /* owned: parents */
	size_t links, link_room;
	uint32_t *order; /* owned: the nodes that are not known, parents first */
	size_t ordered, order_room;
	struct visit *visit; /* owned */
	size_t visits, visit_room;
	size_t read; /* commits, from the repository */
};

static int no_memory(struct fault *fault)
{
	return fault_set(fault, -ENOMEM, "out of memory");
}

/* What a new commit says of itself: from the feed, or from the repository. */
static int fill_node(struct graph *graph, struct stored_commit *commit, struct node *node,
                     struct fault *fault)
{
	const struct index_fed *fed =
	        graph->how->feed ? index_feed_find(graph->how->feed, &node->id) : NULL;
	uint32_t ordinal;
	int error = -ENOENT;

	if (git_oid_equal(&node->id, &graph->last))
		error = 0;
	else if (!fed || graph->how->overlap)
		error = index_find(graph->index, &node->id, &ordinal);
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
		if (graph->how->limit && graph->read >= graph->how->limit)
			return fault_set(fault, -E2BIG, "there is more to read");
		graph->read++;
		error = stored_commit_read(commit, graph->odb, &node->id, fault);
		if (error)
			return error;
	}
	if (shallow_has(graph->how->shallow, &node->id))
		commit->parents = 0;
	node->tree = commit->tree;
	node->time = commit->time;
	node->parents = (uint16_t)commit->parents;
	return 0;
}

/* Looks at a commit. A new one is visited, for its parents. */
static int meet(struct graph *graph, const git_oid *id, struct fault *fault)
{
	struct stored_commit commit = {.parents = 0};
	struct node node = {.id = *id, .link = (uint32_t)graph->links};
	uint32_t number = graph->ids.count;
	int error;

	if (idmap_find(&graph->ids, id->id) != IDMAP_NONE)
		return 0;
	error = fill_node(graph, &commit, &node, fault);
	if (error)
		return error;
	if (array_reserve(&graph->node, &graph->node_room, number + 1) ||
	    array_reserve(&graph->visit, &graph->visit_room, graph->visits + 1) ||
	    array_reserve(&graph->link, &graph->link_room, graph->links + commit.parents) ||
	    idmap_add(&graph->ids, NULL, id->id) < 0)
		return no_memory(fault);
	graph->node[number] = node;
	if (node.known) {
		graph->met_last |= git_oid_equal(id, &graph->last);
		return 0;
	}
	for (unsigned i = 0; i < commit.parents; i++)
		graph->link[graph->links++] = commit.parent[i];
	graph->visit[graph->visits++] = (struct visit){.node = number};
	return 0;
}

/* From the tip down to commits that the index knows. -E2BIG: there is more to read than the limit.
 */
static int graph_collect(struct graph *graph, struct progress *progress, struct fault *fault)
{
	int error;

	graph->ids = (struct idmap)IDMAP(GIT_OID_RAWSZ);
	error = meet(graph, graph->how->tip, fault);
	while (!error && graph->visits > 0) {
		struct visit *visit = &graph->visit[graph->visits - 1];
		const struct node *node = &graph->node[visit->node];

		if (visit->next < node->parents) {
			git_oid parent = graph->link[node->link + visit->next++];

			error = meet(graph, &parent, fault);
			progress_step(progress, graph->ids.count);
			continue;
		}
		if (array_reserve(&graph->order, &graph->order_room, graph->ordered + 1))
			return no_memory(fault);
		graph->order[graph->ordered++] = visit->node;
		graph->visits--;
	}
	return error;
}

/* The node of a commit that was met. */
static struct node *graph_node(const struct graph *graph, const git_oid *id)
{
	return &graph->node[idmap_find(&graph->ids, id->id)];
}

/* The tree of a commit that was met. */
static int graph_tree(struct graph *graph, const git_oid **tree, const git_oid *id,
                      struct fault *fault)
{
	struct node *node = graph_node(graph, id);
	struct stored_commit commit;

	if (node->known && git_oid_is_zero(&node->tree)) {
		int error = stored_commit_read(&commit, graph->odb, id, fault);

		if (error)
			return error;
		node->tree = commit.tree;
	}
	*tree = &node->tree;
	return 0;
}

static void graph_clear(struct graph *graph)
{
	idmap_clear(&graph->ids);
	free(graph->node);
	free(graph->link);
	free(graph->order);
	free(graph->visit);
}

struct walk {
	struct index *index;
	const struct index_catch_up *how;
	struct fault *fault;
	struct graph graph;
	struct index_diff *diff;
	struct progress progress;
	bool had_rows;
	size_t differences; /* changes read from the repository */

	struct index_commit *again; /* owned: known, and new on the line; oldest last */
	size_t agains, again_room;
	uint32_t drop; /* how many rows leave the line */

	uint32_t commit;  /* the ordinal of the present one */
	const char *name; /* the last segment, and its number */
	uint16_t number;
	int error;
};

static int not_added(const struct walk *walk, int error)
{
	return error ? fault_set(walk->fault, error, "the index cannot be added to: %s",
	                         strerror(-error))
	             : 0;
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
	if (array_reserve(&walk->again, &walk->again_room, walk->agains + 1))
		return fault_set(walk->fault, -ENOMEM, "out of memory");
	walk->again[walk->agains++] =
	        (struct index_commit){.id = *id, .time = time, .flags = INDEX_LINE | INDEX_AGAIN};
	return 0;
}

/* Counts the rows of the line after a commit. 1: it is on the line, 0: it is not. */
static int seek_line(struct walk *walk, const git_oid *id, uint32_t *passed)
{
	struct seek seek = {.id = id};
	int found = index_line(walk->index, INT64_MAX, seek_step, &seek);

	*passed = seek.passed;
	return found;
}

/*
 * First parents from the tip, down to a commit that is on the line. What the line had above that
 * commit is off it: main was replaced by a branch that had merged it. Commits in between may be
 * known, as ancestors of another.
 */
static int find_line(struct walk *walk)
{
	git_oid at = *walk->how->tip;
	struct stored_commit commit = {.parents = 1};
	int found = 0;

	for (;;) {
		struct node *node = graph_node(&walk->graph, &at);

		if (node->known)
			break;
		node->line = true;
		if (node->parents == 0)
			return seek_line(walk, NULL, &walk->drop);
		at = walk->graph.link[node->link];
	}
	while ((found = seek_line(walk, &at, &walk->drop)) == 0 && commit.parents > 0) {
		int error = stored_commit_read(&commit, walk->graph.odb, &at, walk->fault);

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

static int add_difference(void *context, const char *segment, struct address address,
                          struct mac before, struct mac after)
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

/* What a commit changed, as its trees show. */
static int add_read(struct walk *walk, const struct node *node)
{
	const git_oid *parent = NULL;
	int error = 0;

	if (!walk->diff)
		walk->diff = index_diff_new(walk->how->repository, walk->graph.ordered > MANY);
	if (!walk->diff)
		return fault_set(walk->fault, -ENOMEM, "out of memory");
	if (node->parents > 0)
		error = graph_tree(&walk->graph, &parent, &walk->graph.link[node->link],
		                   walk->fault);
	if (error)
		return error;
	walk->error = 0;
	error = index_diff_run(walk->diff, &node->tree, parent, add_difference, walk);
	if (walk->error)
		return not_added(walk, walk->error);
	return error ? trouble_set(walk->fault, error, "what commit %s changed",
	                           git_oid_tostr_s(&node->id))
	             : 0;
}

/* What a commit changed, as the process that made it said. */
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
	return not_added(walk, error);
}

static int add_row(struct walk *walk, struct index_commit *row)
{
	if (row->flags & INDEX_LINE) {
		row->flags |= walk->drop;
		walk->drop = 0;
	}
	walk->commit = index_commits(walk->index);
	return not_added(walk, index_add_commit(walk->index, row));
}

static int add_rows(struct walk *walk)
{
	const struct graph *graph = &walk->graph;
	int error = 0;

	while (walk->agains > 0 && !error)
		error = add_row(walk, &walk->again[--walk->agains]);
	for (size_t i = 0; i < graph->ordered && !error; i++) {
		const struct node *node = &graph->node[graph->order[i]];
		struct index_commit row = {.id = node->id, .time = node->time};

		row.flags = (node->line ? INDEX_LINE : 0) |
		            (i + 1 == graph->ordered ? INDEX_TIP : 0) |
		            (node->fed && node->parents > 1 ? INDEX_BRINGS : 0);
		error = add_row(walk, &row);
		if (!error)
			error = node->fed ? add_fed(walk, node) : add_read(walk, node);
		progress_step(&walk->progress, i);
		/* A new index: full blocks need not stay in memory. */
		if (!error && !walk->had_rows && i % FLUSH_EVERY == FLUSH_EVERY - 1)
			error = index_flush(walk->index, walk->fault);
	}
	return error;
}

static void forget_fed(const struct walk *walk)
{
	for (size_t i = 0; walk->how->feed && i < walk->graph.ordered; i++)
		index_feed_remove(walk->how->feed, &walk->graph.node[walk->graph.order[i]].id);
}

/* Two passes: only the second knows how many commits there are. */
static int bring_up(struct walk *walk)
{
	char text[PROGRESS_TEXT], count[PROGRESS_COUNT_TEXT];
	int error;

	if (walk->how->show)
		progress_begin(&walk->progress, "reading the history", 0);
	error = graph_collect(&walk->graph, &walk->progress, walk->fault);
	if (walk->how->show)
		progress_end(&walk->progress);
	if (!error && walk->had_rows && !walk->graph.met_last)
		error = fault_set(walk->fault, -ESTALE, "the index is of another history");
	if (error || walk->graph.ordered == 0)
		return error;
	error = find_line(walk);
	if (error)
		return error;
	snprintf(text, sizeof(text), "indexing %s commits, to look back quickly",
	         progress_count(count, walk->graph.ordered));
	if (walk->how->show)
		progress_begin(&walk->progress, text, walk->graph.ordered);
	error = add_rows(walk);
	if (walk->how->show)
		progress_end(&walk->progress);
	return error;
}

int index_catch_up(struct index *index, const struct index_catch_up *how, struct fault *fault)
{
	struct walk walk = {
	        .index = index, .how = how, .fault = fault, .graph = {.index = index, .how = how}};
	struct index_commit last;
	int error = 0;

	walk.progress.next = UINT64_MAX; /* no bar, unless one is begun */
	walk.had_rows = index_commits(index) > 0;
	if (walk.had_rows) {
		error = index_commit_at(index, index_commits(index) - 1, &last);
		walk.graph.last = last.id;
	}
	if (error)
		return fault_set(fault, error, "the index is damaged");
	if (walk.had_rows && git_oid_equal(&last.id, how->tip))
		return 0;
	error = git_repository_odb(&walk.graph.odb, how->repository);
	error = error < 0 ? trouble_set(fault, error, "the repository's objects") : bring_up(&walk);
	if (!error)
		forget_fed(&walk);
	index_diff_free(walk.diff);
	graph_clear(&walk.graph);
	git_odb_free(walk.graph.odb);
	free(walk.again);
	return error;
}
