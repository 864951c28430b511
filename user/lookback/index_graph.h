/* SPDX-License-Identifier: MIT */
/* The commits that a tip of main has and the look-back index does not. */
#ifndef USER_LOOKBACK_INDEX_GRAPH_H
#define USER_LOOKBACK_INDEX_GRAPH_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "lookback/index.h"
#include "store/store.h"

struct index_feed; /* index_feed.h */

struct index_node {
	git_oid id, tree; /* tree: zero if known, until index_graph_tree() reads it */
	int64_t time;
	uint32_t link; /* of its first parent */
	uint16_t parents;
	bool known; /* to the index, before this walk */
	bool fed;   /* from the feed: its changes need not be read */
	bool line;  /* on main's line, and new there */
};

/* On the way down: which parent comes next. */
struct index_visit {
	uint32_t node;
	uint16_t next;
};

/* The caller sets the first part, and calls index_graph_clear(). */
struct index_graph {
	struct index *index;
	git_odb *odb;
	const struct shallow *shallow;
	struct index_feed *feed; /* or NULL */
	bool overlap;            /* the index may have commits of the feed */
	size_t limit;            /* how many commits may be read; 0: any number */
	git_oid last;            /* the index's last row; zero: it has none */

	bool met_last;
	struct index_node *node; /* owned; by number in `ids`, as all below */
	size_t node_room;
	struct idmap ids;
	git_oid *link; /* owned: parents */
	size_t links, link_room;
	uint32_t *order; /* owned: the nodes that are not known, parents first */
	size_t ordered, order_room;
	struct index_visit *visit; /* owned */
	size_t visits, visit_room;
	size_t read; /* commits, from the repository */
};

/* From the tip down to commits that the index knows. -E2BIG: there is more to read than `limit`. */
int index_graph_collect(struct index_graph *graph, const git_oid *tip, struct progress *progress,
                        struct fault *fault);
/* The node of a commit that was met. */
struct index_node *index_graph_node(const struct index_graph *graph, const git_oid *id);
/* The tree of a commit that was met. */
int index_graph_tree(struct index_graph *graph, const git_oid **tree, const git_oid *id,
                     struct fault *fault);
void index_graph_clear(struct index_graph *graph);

#endif
