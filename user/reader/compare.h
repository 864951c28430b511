/* SPDX-License-Identifier: MIT */
/* Compares two trees: all of them, or one prefix only. */
#ifndef USER_READER_COMPARE_H
#define USER_READER_COMPARE_H

#include "entry/entry.h"
#include "reader/event.h"
#include "store/store.h"

/* The prefix that a query's one address is; NULL: it is about no single address. */
const struct prefix *reader_alone(struct prefix *prefix, const struct reader_query *query);
/* As tree_diff(); with `prefix` only for the file or the folder that has it, in `segment` (NULL: in
 * each). The folder has other addresses, too, if the prefix is not a whole one. */
int reader_compare(git_repository *repository, const git_oid *before, const git_oid *after,
                   const struct prefix *prefix, const char *segment, tree_difference_fn *handle,
                   void *context);

/* Reads both entries of a difference, for entry_free(). NULL: absent, or not a valid entry; then
 * the result is -EINVAL. Any other error has a fault. */
int reader_sides(struct entry **before, struct entry **after, git_repository *repository,
                 const struct tree_difference *difference, struct fault *fault);

#endif
