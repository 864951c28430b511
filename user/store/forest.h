/* SPDX-License-Identifier: MIT */
/*
 * Versions of the repository's tree, as directories in memory: one is made from another by
 * edits, at the cost of the directories that the edits touch. What an edit needs and is not in
 * memory is read once. New directories go into the pack in the making: as a delta against their
 * previous version, where that is in the same pack.
 */
#ifndef USER_STORE_FOREST_H
#define USER_STORE_FOREST_H

#include <git2.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "store/edits.h"
#include "store/objects.h"

struct forest; /* opaque */

/* `objects` outlives it. */
int forest_new(struct forest **forest, struct objects *objects, struct fault *fault);
void forest_free(struct forest *forest);

/* The tree that comes of `base` (NULL: empty) by the edits, which are sorted. `before` may be NULL.
 */
int forest_edit(struct forest *forest, git_oid *tree, const git_oid *base, struct edit *edit,
                size_t edits, const struct done_before *before, struct fault *fault);
/* No task is open: of versions that take much memory, only the one made last is kept. */
void forest_rest(struct forest *forest);
/* Looks a file up; `mode` may be NULL. -ENOENT if it is not there, or is a directory. */
int forest_find(struct forest *forest, git_oid *id, uint32_t *mode, const git_oid *tree,
                const char *path, struct fault *fault);

#endif
