// SPDX-License-Identifier: MIT
/*
 * Adds the commits that index_graph.c finds, parents before children, and what each of them changed
 * (index_feed.c or index_diff.c). Then brings main's line to the tip, which may also go over
 * commits that the index had already.
 */
#include "lookback/index_walk.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"
#include "lookback/index_add.h"
#include "lookback/index_diff.h"
#include "lookback/index_feed.h"
#include "lookback/index_graph.h"
#include "lookback/index_search.h"

#define FLUSH_EVERY  100000 /* commits */
#define CHANGES_EACH 16     /* a limit allows so many per commit */
#define MANY         4096   /* commits: from here on it pays to look into the packs */

struct walk {
	struct index *index;
	const struct index_catch_up *how;
	struct fault *fault;
	struct index_graph graph;
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
		struct index_node *node = index_graph_node(&walk->graph, &at);

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

/* What a commit changed, as its trees show. */
static int add_read(struct walk *walk, const struct index_node *node)
{
	const git_oid *parent[STORED_PARENTS];
	int error = 0;

	if (!walk->diff)
		walk->diff = index_diff_new(walk->how->repository, walk->graph.ordered > MANY);
	if (!walk->diff)
		return fault_set(walk->fault, -ENOMEM, "out of memory");
	for (unsigned i = 0; i < node->parents && !error; i++)
		error = index_graph_tree(&walk->graph, &parent[i],
		                         &walk->graph.link[node->link + i], walk->fault);
	if (error)
		return error;
	walk->error = 0;
	error = index_diff_run(walk->diff, &node->tree, parent, node->parents, add_difference,
	                       walk);
	if (walk->error)
		return not_added(walk, walk->error);
	return error ? trouble_set(walk->fault, error, "what commit %s changed",
	                           git_oid_tostr_s(&node->id))
	             : 0;
}

/* What a commit changed, as the process that made it said. */
static int add_fed(struct walk *walk, const struct index_node *node)
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
	const struct index_graph *graph = &walk->graph;
	int error = 0;

	while (walk->agains > 0 && !error)
		error = add_row(walk, &walk->again[--walk->agains]);
	for (size_t i = 0; i < graph->ordered && !error; i++) {
		const struct index_node *node = &graph->node[graph->order[i]];
		struct index_commit row = {.id = node->id, .time = node->time};

		row.flags =
		        (node->line ? INDEX_LINE : 0) | (i + 1 == graph->ordered ? INDEX_TIP : 0);
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
	error = index_graph_collect(&walk->graph, walk->how->tip, &walk->progress, walk->fault);
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
	struct walk walk = {.index = index,
	                    .how = how,
	                    .fault = fault,
	                    .graph = {.index = index,
	                              .shallow = how->shallow,
	                              .feed = how->feed,
	                              .overlap = how->overlap,
	                              .limit = how->limit}};
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
	index_graph_clear(&walk.graph);
	git_odb_free(walk.graph.odb);
	free(walk.again);
	return error;
}
