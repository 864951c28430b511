// SPDX-License-Identifier: MIT
/* Walks from a tip down to what the index has. It adds nothing to the index. */
#include "lookback/index_graph.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lookback/index_feed.h"
#include "lookback/index_search.h"

static int no_memory(struct fault *fault)
{
	return fault_set(fault, -ENOMEM, "out of memory");
}

/* What a new commit says of itself: from the feed, or from the repository. */
static int fill_node(struct index_graph *graph, struct stored_commit *commit,
                     struct index_node *node, struct fault *fault)
{
	const struct index_fed *fed = graph->feed ? index_feed_find(graph->feed, &node->id) : NULL;
	uint32_t ordinal;
	int error = -ENOENT;

	if (git_oid_equal(&node->id, &graph->last))
		error = 0;
	else if (!fed || graph->overlap)
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
		if (graph->limit && graph->read >= graph->limit)
			return fault_set(fault, -E2BIG, "there is more to read");
		graph->read++;
		error = stored_commit_read(commit, graph->odb, &node->id, fault);
		if (error)
			return error;
	}
	if (shallow_has(graph->shallow, &node->id))
		commit->parents = 0;
	node->tree = commit->tree;
	node->time = commit->time;
	node->parents = (uint16_t)commit->parents;
	return 0;
}

/* Looks at a commit. A new one is visited, for its parents. */
static int meet(struct index_graph *graph, const git_oid *id, struct fault *fault)
{
	struct stored_commit commit = {.parents = 0};
	struct index_node node = {.id = *id, .link = (uint32_t)graph->links};
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
	graph->visit[graph->visits++] = (struct index_visit){.node = number};
	return 0;
}

int index_graph_collect(struct index_graph *graph, const git_oid *tip, struct progress *progress,
                        struct fault *fault)
{
	int error;

	graph->ids = (struct idmap)IDMAP(GIT_OID_RAWSZ);
	error = meet(graph, tip, fault);
	while (!error && graph->visits > 0) {
		struct index_visit *visit = &graph->visit[graph->visits - 1];
		const struct index_node *node = &graph->node[visit->node];

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

struct index_node *index_graph_node(const struct index_graph *graph, const git_oid *id)
{
	return &graph->node[idmap_find(&graph->ids, id->id)];
}

int index_graph_tree(struct index_graph *graph, const git_oid **tree, const git_oid *id,
                     struct fault *fault)
{
	struct index_node *node = index_graph_node(graph, id);
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

void index_graph_clear(struct index_graph *graph)
{
	idmap_clear(&graph->ids);
	free(graph->node);
	free(graph->link);
	free(graph->order);
	free(graph->visit);
}
