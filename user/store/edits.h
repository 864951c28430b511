/* SPDX-License-Identifier: MIT */
/* Edits of a tree: what files become. A list of them owns its paths. */
#ifndef USER_STORE_EDITS_H
#define USER_STORE_EDITS_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

/* What one file becomes. */
struct edit {
	char *path;    /* owned by the list */
	bool present;  /* or removed */
	uint32_t mode; /* when present */
	git_oid id;    /* when present: a blob that exists, or writer_blob()'s */
	uint64_t key;  /* see edits_add_keyed(); 0: none */
};

struct edits {
	struct edit *edit; /* owned */
	size_t count, room;
};

/* The edits were made before, from one tree to another: what they did to a directory need not be
 * done again to an equal one. */
struct done_before {
	git_oid from, to;
};

/* The file at `path` becomes this blob; `id` NULL: it is removed. 0 or -ENOMEM. */
int edits_add(struct edits *edits, const char *path, const git_oid *id, uint32_t mode);
/* The same, with a number that is compared first, much faster than the path. No key is 0, a path
 * has one key, and in the order of keys and then of paths the files below any directory stand
 * together.
 */
int edits_add_keyed(struct edits *edits, const char *path, uint64_t key, const git_oid *id,
                    uint32_t mode);
void edits_clear(struct edits *edits);

/* Sorts such that the edits of one directory stand together, at each level. Returns how many files
 * they are of: one edit of each comes first. The rest repeats them. */
size_t edits_sort(struct edit *edit, size_t edits);

#endif
