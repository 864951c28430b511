/* SPDX-License-Identifier: MIT */
/* Compares two trees: all of them, or one address only. */
#ifndef USER_READER_COMPARE_H
#define USER_READER_COMPARE_H

#include "entry/entry.h"
#include "store/store.h"

/* As tree_diff(); with `address` only for its file, in `segment` (NULL: in each). */
int reader_compare(git_repository *repository, const git_oid *before, const git_oid *after,
                   const struct address *address, const char *segment, tree_difference_fn *handle,
                   void *context);

/* Reads both entries of a difference, for entry_free(). NULL: absent, or not a valid entry; then
 * the result is -EINVAL. Any other error has a fault. */
int reader_sides(struct entry **before, struct entry **after, git_repository *repository,
                 const struct tree_difference *difference, struct fault *fault);

#endif
