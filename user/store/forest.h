/* SPDX-License-Identifier: MIT */
/*
 * Versions of the repository's tree, as directories in memory. Edits make one from another, at the
 * cost of the directories that they touch; a directory is read when an edit first needs it. New
 * directories go into the pack in the making, as a delta if their previous version is there too.
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

/* Applies the edits, and sorts them, to `base` (NULL: empty). `before` may be NULL. */
int forest_edit(struct forest *forest, git_oid *tree, const git_oid *base, struct edit *edit,
                size_t edits, const struct done_before *before, struct fault *fault);
/* No branch is open: of versions that take much memory, keeps only the last one made. */
void forest_rest(struct forest *forest);
/* Looks a file up; `mode` may be NULL. -ENOENT if it is not there, or is a directory. */
int forest_find(struct forest *forest, git_oid *id, uint32_t *mode, const git_oid *tree,
                const char *path, struct fault *fault);

#endif
