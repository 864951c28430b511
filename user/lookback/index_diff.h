/* SPDX-License-Identifier: MIT */
/*
 * What a commit changed, for the look-back index: addresses, and the MAC before and after. Reads
 * trees as they are stored, keeps those of the commits just seen, and asks for no more of an entry
 * than its MAC: some 20 µs a commit, where tree.c with libgit2's parsed trees takes 130.
 */
#ifndef USER_LOOKBACK_INDEX_DIFF_H
#define USER_LOOKBACK_INDEX_DIFF_H

#include <git2.h>
#include <stdbool.h>
#include <stdint.h>

#include "wire/wire.h"

struct index_diff; /* opaque */

/* `many`: of thousands of commits. NULL: out of memory. */
struct index_diff *index_diff_new(git_repository *repository, bool many);
void index_diff_free(struct index_diff *diff);

/* One address; a zero MAC: absent, or what is there is no entry. */
typedef int index_diff_fn(void *context, const char *segment, uint32_t address, struct mac before,
                          struct mac after);
/*
 * Calls `handle` for each address at which a tree differs from its first parent's (NULL: from
 * nothing), and from what the other parents have. 0; what handle returned, if not 0; or a negative
 * libgit2 error.
 */
int index_diff_run(struct index_diff *diff, const git_oid *tree, const git_oid *const *parent,
                   unsigned parents, index_diff_fn *handle, void *context);

#endif
