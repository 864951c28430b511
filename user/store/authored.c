// SPDX-License-Identifier: MIT
/*
 * Most of what is pushed is one line of commits on a known one: then the edits are the difference
 * between the trees of both. Otherwise git lists the new commits, parents first, and each commit
 * that matters gets its edits from those of its parents: the merges, their parents, and the tip.
 * What is between these is compared at once.
 *
 * All lists are sorted by path, so a merge reads them side by side: the edits of each parent, and
 * what the merge has otherwise than that parent. Nothing looks a path up, but for what `known` has
 * where a merge had to choose.
 */
#include "store/authored.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "store/commits.h"
#include "store/connected.h"
#include "store/gitchild.h"
#include "store/trouble.h"

#define MANY  16   /* commits: then it pays to open the packs */
#define KNOWN (-1) /* in place of a new commit's number */

/* What a commit has, and a parent has otherwise. */
struct parent {
	git_oid id;
	int number; /* of a new commit; KNOWN */
};

struct node {
	git_oid id, tree;
	size_t parent; /* the first of them, in history.parent */
	unsigned parents;
	int from;      /* the edits are those of this merge, and what changed since; KNOWN: none */
	bool has_base; /* its tree, or that of a known commit; false: an empty one */
	git_oid base;
	bool needed;
	unsigned uses;         /* so many others still need its edits */
	struct editlist edits; /* if it is needed */
};

struct history {
	git_repository *repository;
	git_odb *odb;
	struct trees *trees;
	struct node *node; /* parents first, once they are in order; owned */
	size_t nodes, node_room;
	struct parent *parent; /* owned */
	size_t parents, parent_room;
	git_oid known; /* tree */
	size_t differences;
	struct fault *fault;
};

static int no_memory(struct fault *fault)
{
	return fault_set(fault, -ENOMEM, "out of memory");
}

struct gathering {
	struct history *history;
	struct editlist *list;
};

static int gather(void *context, const struct tree_difference *difference)
{
	struct gathering *gathering = context;
	struct history *history = gathering->history;
	struct edited file = {.path = (char *)difference->path,
	                      .before_mode = difference->before_mode,
	                      .after_mode = difference->after_mode};

	if (++history->differences > CONNECTED_FILES)
		return fault_set(history->fault, -E2BIG,
		                 "its merges change more than %u files: rebase it onto main",
		                 CONNECTED_FILES);
	if (difference->before)
		file.before = *difference->before;
	if (difference->after)
		file.after = *difference->after;
	return editlist_add(gathering->list, &file) < 0 ? no_memory(history->fault) : 0;
}

/* The difference between two trees; `before` NULL: an empty one. */
static int list_difference(struct editlist *list, struct history *history, const git_oid *before,
                           const git_oid *after)
{
	struct gathering gathering = {history, list};
	int error;

	history->fault->text[0] = '\0';
	error = trees_compare(history->trees, before, after, gather, &gathering);
	return error && !history->fault->text[0]
	               ? trouble_set(history->fault, error, "a folder of what was pushed")
	               : error;
}

static int tree_of(git_oid *tree, struct history *history, const git_oid *commit)
{
	struct stored_commit read;
	int error = stored_commit_read(&read, history->odb, commit, history->fault);

	*tree = read.tree;
	return error;
}

/* --- the edits of a commit -------------------------------------------------------------------- */

/* The edits of a commit, for one more that needs them. */
static int take_edits(struct editlist *edits, struct node *node)
{
	if (--node->uses == 0) {
		*edits = node->edits;
		node->edits = (struct editlist){0};
		return 0;
	}
	return editlist_copy(edits, &node->edits);
}

static int find_line(struct history *history, struct node *node)
{
	struct editlist earlier = {0}, since = {0};
	int error = 0;

	if (node->from != KNOWN && take_edits(&earlier, &history->node[node->from]) < 0)
		error = no_memory(history->fault);
	if (!error)
		error = list_difference(&since, history, node->has_base ? &node->base : NULL,
		                        &node->tree);
	if (!error && editlist_follow(&node->edits, &earlier, &since) < 0)
		error = no_memory(history->fault);
	editlist_clear(&earlier);
	editlist_clear(&since);
	return error;
}

/* Whether `known` has still what a commit had before. */
static int is_there(void *context, const struct edited *file)
{
	struct history *history = context;
	git_oid now;
	int error = trees_find(&now, history->trees, &history->known, file->path);

	if (error)
		return trouble_set(history->fault, error, "a folder of main");
	return file->before_mode ? git_oid_equal(&now, &file->before) : git_oid_is_zero(&now);
}

static int find_merge(struct history *history, struct node *node)
{
	struct editlist_side *side = calloc(node->parents, sizeof(*side));
	int error = 0;

	if (!side)
		return no_memory(history->fault);
	for (unsigned i = 0; i < node->parents && !error; i++) {
		const struct parent *parent = &history->parent[node->parent + i];
		git_oid tree;

		error = tree_of(&tree, history, &parent->id);
		if (!error)
			error = list_difference(&side[i].differences, history, &tree, &node->tree);
		if (!error && parent->number != KNOWN &&
		    take_edits(&side[i].edits, &history->node[parent->number]) < 0)
			error = no_memory(history->fault);
	}
	if (!error) {
		error = editlist_merge(&node->edits, side, node->parents, is_there, history);
		if (error == -ENOMEM)
			no_memory(history->fault);
	}
	for (unsigned i = 0; i < node->parents; i++) {
		editlist_clear(&side[i].edits);
		editlist_clear(&side[i].differences);
	}
	free(side);
	return error;
}

/* --- the new commits -------------------------------------------------------------------------- */

/* "COMMIT PARENT...", as far as git's file `shallow` lets parents count. */
static int take_commit(void *context, char *line)
{
	struct history *history = context;
	struct node node = {.parent = history->parents};

	if (git_oid_fromstr(&node.id, line) < 0 ||
	    array_reserve(&history->node, &history->node_room, history->nodes + 1))
		return -ENOMEM;
	for (line += GIT_OID_HEXSZ; *line == ' '; line += GIT_OID_HEXSZ + 1) {
		struct parent *parent;

		if (array_reserve(&history->parent, &history->parent_room, history->parents + 1))
			return -ENOMEM;
		parent = &history->parent[history->parents++];
		if (git_oid_fromstr(&parent->id, line + 1) < 0)
			return -EINVAL;
		node.parents++;
	}
	history->node[history->nodes++] = node;
	return 0;
}

static int list_commits(struct history *history, const struct authored_query *query)
{
	char new[GIT_OID_HEXSZ + 1], old[GIT_OID_HEXSZ + 2] = "^", most[32];
	const char *const arguments[] = {"rev-list",
	                                 "--parents",
	                                 "--topo-order",
	                                 most,
	                                 git_oid_tostr(new, sizeof(new), query->tip),
	                                 old,
	                                 "--",
	                                 NULL};
	int error;

	git_oid_tostr(old + 1, sizeof(old) - 1, query->known);
	snprintf(most, sizeof(most), "--max-count=%d", CONNECTED_COMMITS);
	error = gitchild_run(git_repository_path(history->repository), arguments, NULL, take_commit,
	                     history, history->fault);
	if (!error && history->nodes >= CONNECTED_COMMITS)
		error = fault_set(history->fault, -E2BIG, "it has %d commits or more: split it",
		                  CONNECTED_COMMITS);
	return error;
}

/* Parents first, and each parent by its number. */
static int put_in_order(struct history *history)
{
	struct idmap numbers = IDMAP(GIT_OID_RAWSZ);
	size_t nodes = history->nodes;
	int error = 0;

	for (size_t i = 0; i < nodes / 2; i++) {
		struct node other = history->node[i];

		history->node[i] = history->node[nodes - 1 - i];
		history->node[nodes - 1 - i] = other;
	}
	for (size_t i = 0; i < nodes && !error; i++)
		if (idmap_add(&numbers, NULL, history->node[i].id.id) < 0)
			error = no_memory(history->fault);
	for (size_t i = 0; i < history->parents && !error; i++) {
		uint32_t number = idmap_find(&numbers, history->parent[i].id.id);

		history->parent[i].number = number == IDMAP_NONE ? KNOWN : (int)number;
	}
	idmap_clear(&numbers);
	return error;
}

/* From where a commit with at most one parent is compared. */
static int set_base(struct history *history, struct node *node)
{
	const struct parent *parent = &history->parent[node->parent];
	const struct node *before;

	node->from = KNOWN;
	node->has_base = node->parents > 0;
	if (!node->has_base)
		return 0;
	if (parent->number == KNOWN)
		return tree_of(&node->base, history, &parent->id);
	before = &history->node[parent->number];
	if (before->parents > 1) {
		node->from = parent->number;
		node->base = before->tree;
	} else {
		node->has_base = before->has_base;
		node->base = before->base;
		node->from = before->from;
	}
	return 0;
}

static void need(struct history *history, int number)
{
	if (number == KNOWN)
		return;
	history->node[number].needed = true;
	history->node[number].uses++;
}

static int find_all(struct history *history)
{
	int error = put_in_order(history);

	for (size_t i = 0; i < history->nodes && !error; i++) {
		struct node *node = &history->node[i];

		error = tree_of(&node->tree, history, &node->id);
		if (!error && node->parents <= 1)
			error = set_base(history, node);
		for (unsigned p = 0; p < node->parents && node->parents > 1; p++)
			need(history, history->parent[node->parent + p].number);
	}
	if (error)
		return error;
	need(history, (int)history->nodes - 1); /* the tip */
	for (size_t i = 0; i < history->nodes; i++)
		if (history->node[i].parents <= 1 && history->node[i].needed)
			need(history, history->node[i].from);
	for (size_t i = 0; i < history->nodes && !error; i++) {
		struct node *node = &history->node[i];

		if (node->needed)
			error = node->parents > 1 ? find_merge(history, node)
			                          : find_line(history, node);
	}
	return error;
}

static int find_merged(struct authored *authored, struct history *history,
                       const struct authored_query *query)
{
	struct bulk *bulk = NULL;
	int error = tree_of(&history->known, history, query->known);

	if (!error)
		error = list_commits(history, query);
	if (!error)
		bulk = bulk_new(history->repository, history->nodes > MANY);
	history->trees = bulk ? trees_new(bulk) : NULL;
	if (!error && !history->trees)
		error = no_memory(history->fault);
	if (!error && history->nodes > 0)
		error = find_all(history);
	if (!error && history->nodes > 0) {
		authored->edits = history->node[history->nodes - 1].edits;
		history->node[history->nodes - 1].edits = (struct editlist){0};
	}
	for (size_t i = 0; i < history->nodes; i++)
		editlist_clear(&history->node[i].edits);
	free(history->node);
	free(history->parent);
	trees_free(history->trees);
	bulk_free(bulk);
	return error;
}

/* From `tip` back to `base`, while each commit has one parent. */
static int follow_line(bool *plain, struct history *history, const struct authored_query *query)
{
	git_oid at = *query->tip;
	struct stored_commit commit;
	int error = 0;

	for (unsigned i = 0; i < CONNECTED_COMMITS && !git_oid_equal(&at, query->base); i++) {
		error = stored_commit_read(&commit, history->odb, &at, history->fault);
		if (error || commit.parents != 1)
			break;
		at = commit.parent[0];
	}
	*plain = !error && git_oid_equal(&at, query->base);
	return error;
}

int authored_find(struct authored *authored, git_repository *repository,
                  const struct authored_query *query, struct fault *fault)
{
	struct history history = {.repository = repository, .fault = fault};
	int error = git_repository_odb(&history.odb, repository);

	*authored = (struct authored){0};
	if (error < 0)
		return trouble_set(fault, error, "%s", git_repository_path(repository));
	if (query->base)
		error = follow_line(&authored->plain, &history, query);
	if (!error && authored->plain) {
		authored->has_before = true;
		error = tree_of(&authored->before, &history, query->base);
		if (!error)
			error = tree_of(&authored->after, &history, query->tip);
	} else if (!error) {
		error = find_merged(authored, &history, query);
	}
	git_odb_free(history.odb);
	return error;
}

struct authored authored_of_trees(const git_oid *before, const git_oid *after)
{
	struct authored authored = {.plain = true, .has_before = before != NULL, .after = *after};

	if (before)
		authored.before = *before;
	return authored;
}

void authored_clear(struct authored *authored)
{
	editlist_clear(&authored->edits);
	*authored = (struct authored){0};
}

int authored_each(const struct authored *authored, git_repository *repository,
                  tree_difference_fn *handle, void *context)
{
	int error = 0;

	if (authored->plain)
		return tree_diff(repository, authored->has_before ? &authored->before : NULL,
		                 &authored->after, handle, context);
	for (size_t i = 0; i < authored->edits.count && !error; i++) {
		const struct edited *file = &authored->edits.file[i];
		const struct tree_difference difference = {
		        .path = file->path,
		        .before = file->before_mode ? &file->before : NULL,
		        .after = file->after_mode ? &file->after : NULL,
		        .before_mode = file->before_mode,
		        .after_mode = file->after_mode};

		error = handle(context, &difference);
	}
	return error;
}
