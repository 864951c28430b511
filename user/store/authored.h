/* SPDX-License-Identifier: MIT */
/*
 * What a branch's own commits changed: its edits (docs/history-format.md, "Edits by people"). What
 * it merely has from commits that are known is no edit, by whichever way it came.
 */
#ifndef USER_STORE_AUTHORED_H
#define USER_STORE_AUTHORED_H

#include <git2.h>
#include <stdbool.h>

#include "store/editlist.h"
#include "store/tree.h"

struct authored {
	bool plain; /* the edits are the difference between two trees: */
	bool has_before;
	git_oid before, after;
	struct editlist edits; /* else these */
};

/* All commits that can be reached from `known` are known, and the others that can be reached from
 * `tip` are new. */
struct authored_query {
	const git_oid *known, *tip;
	const git_oid *base; /* their merge base, as ancestry_base() has it; NULL: there is none */
};

/*
 * Finds the edits that `tip` has. One line of commits costs as much as it is long, and needs no
 * process; other histories are listed by git, and cost as much as their merges changed. -E2BIG:
 * there are more than CONNECTED_COMMITS, or more than CONNECTED_FILES changes; or another error
 * with a fault. authored_clear() in any case.
 */
int authored_find(struct authored *authored, git_repository *repository,
                  const struct authored_query *query, struct fault *fault);
/* The edits are the difference between two trees; `before` NULL: an empty one. */
struct authored authored_of_trees(const git_oid *before, const git_oid *after);
void authored_clear(struct authored *authored);

/* Calls `handle` for each edit in path order, as tree_diff(). */
int authored_each(const struct authored *authored, git_repository *repository,
                  tree_difference_fn *handle, void *context);

#endif
