/* SPDX-License-Identifier: MIT */
/*
 * What differs between two trees of the repository. The walk reads trees as they are stored, and
 * never opens a pair of equal subtrees: one change among a million files takes 0.3 ms, where
 * git_diff_tree_to_tree() takes 0.58 s.
 */
#ifndef USER_STORE_TREE_H
#define USER_STORE_TREE_H

#include <git2.h>

#include "pack/pack.h"

struct tree_difference {
	const char *path;              /* from the root; valid during the call */
	const git_oid *before, *after; /* ids of the file; NULL: absent there */
	git_filemode_t before_mode, after_mode;
};

typedef int tree_difference_fn(void *context, const struct tree_difference *difference);

/* Calls `handle` for each file that differs, in path order. Either tree may be NULL (empty). Stops
 * at the first non-zero result, and returns it; or returns 0 or a negative libgit2 error. */
int tree_diff(git_repository *repository, const git_oid *before, const git_oid *after,
              tree_difference_fn *handle, void *context);
/* A folder that cannot be read, and why (a libgit2 error). 0: the walk goes on without it. */
typedef int tree_lost_fn(void *context, const char *path, int error);
/* The same for each file of either tree, also for those that do not differ. `lost` NULL: the first
 * folder that cannot be read ends it. Else one that is missing on the side before counts as empty.
 */
int tree_walk(git_repository *repository, const git_oid *before, const git_oid *after,
              tree_difference_fn *handle, tree_lost_fn *lost, void *context);

/*
 * For walks over many commits: trees that were read are kept, because the next commit's parent is
 * mostly this commit. 20 µs a commit, where parsed trees of libgit2 take 130.
 */
struct trees; /* opaque */

/* `bulk` outlives the trees. NULL: out of memory. */
struct trees *trees_new(struct bulk *bulk);
void trees_free(struct trees *trees);
/* As tree_diff(). */
int trees_compare(struct trees *trees, const git_oid *before, const git_oid *after,
                  tree_difference_fn *handle, void *context);
/* The id of the file at `path` below a tree; zero if there is none. 0, or a libgit2 error. */
int trees_find(git_oid *id, struct trees *trees, const git_oid *tree, const char *path);

#endif
