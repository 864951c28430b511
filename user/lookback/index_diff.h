/* SPDX-License-Identifier: MIT */
/*
 * What a commit changed, for the look-back index: addresses, and the MAC before and after. It
 * keeps trees and MACs of the commits just read, and parses no more of an entry than its MAC.
 */
#ifndef USER_LOOKBACK_INDEX_DIFF_H
#define USER_LOOKBACK_INDEX_DIFF_H

#include <git2.h>
#include <stdbool.h>
#include <stdint.h>

#include "wire/wire.h"

struct index_diff; /* opaque */

/* `many`: for thousands of commits. NULL: out of memory. */
struct index_diff *index_diff_new(git_repository *repository, bool many);
void index_diff_free(struct index_diff *diff);

/* One address. A zero MAC: absent, or the file is not an entry. */
typedef int index_diff_fn(void *context, const char *segment, struct address address,
                          struct mac before, struct mac after);
/* Calls `handle` for each address at which a tree differs from its first parent's (NULL: from
 * nothing). Stops at the first non-zero result, and returns it; or returns 0 or a negative libgit2
 * error. */
int index_diff_run(struct index_diff *diff, const git_oid *tree, const git_oid *parent,
                   index_diff_fn *handle, void *context);

#endif
