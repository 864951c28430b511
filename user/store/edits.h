/* SPDX-License-Identifier: MIT */
/* Edits of a tree: what files become. A list of them owns its paths. */
#ifndef USER_STORE_EDITS_H
#define USER_STORE_EDITS_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "entry/entry.h"

/* What one file becomes. */
struct edit {
	char *path;    /* owned by whoever made the edit */
	bool present;  /* or removed */
	uint32_t mode; /* when present */
	git_oid id;    /* likewise: a blob that exists, or writer_blob()'s */
	/* If it is an entry's: both can be compared much faster than paths. */
	const char *segment; /* the same pointer for the same segment; NULL: any other file */
	uint32_t address;
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

struct writer;

/* The file at `path` becomes this blob; `id` NULL: it is removed. 0 or -ENOMEM. */
int edits_add(struct edits *edits, const char *path, const git_oid *id, uint32_t mode);
/* The file of an address becomes this blob, likewise. `segment` outlives the edits. */
int edits_add_blob(struct edits *edits, const char *segment, uint32_t address, const git_oid *id);
/* The file of an address becomes this entry (NULL: removed). `segment` outlives the edits. */
int edits_add_entry(struct edits *edits, struct writer *writer, const char *segment,
                    uint32_t address, const struct entry *entry, struct fault *fault);
void edits_clear(struct edits *edits);

/* Such that those of one directory stand together, at each level. Says how many files they are of:
 * those come first, and what follows says the same of the same files. */
size_t edits_sort(struct edit *edit, size_t edits);

#endif
