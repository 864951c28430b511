/* SPDX-License-Identifier: MIT */
/*
 * The look-back index: which commit changed which address, and since when main named which
 * commit. A file in the repository that git does not look at, derived from the commits and never
 * the truth: whoever finds it damaged, missing, or of another history makes a new one, and what it
 * says is looked up in the commits before anybody is told.
 *
 * Rows are only ever added behind the last. Commits come in an order in which parents precede
 * children, so what any number of rows hold is closed under "parent of"; and the last row is
 * a tip, of which all others are ancestors. For one thread.
 */
#ifndef USER_LOOKBACK_INDEX_H
#define USER_LOOKBACK_INDEX_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "pack/pack.h"
#include "wire/wire.h"

#define INDEX_FILE        PACK_FOLDER "/index" /* in the git directory */
#define INDEX_COMMITS_MAX ((uint32_t)1 << 30)

struct index;

/*
 * Opens the index of the repository whose folder (ending in '/') this is. `boundary` says where
 * its history begins (reader.h, shallow_digest()): an index of a longer or shorter one is not this
 * history's. -ENOENT: there is none; -EBADMSG: it is damaged, or not this history's; -EBUSY:
 * `write`, and somebody else writes it.
 */
int index_open(struct index **index, const char *directory, uint64_t boundary, bool write,
               struct fault *fault);
/* A new one, empty, that takes the present one's place at index_adopt(). -EBUSY, or another errno:
 * none can be written there. `directory` NULL: in memory only. */
int index_create(struct index **index, const char *directory, uint64_t boundary,
                 struct fault *fault);
int index_adopt(struct index *index, struct fault *fault);
void index_free(struct index *index);

/* The number of commit rows. */
uint32_t index_commits(const struct index *index);

#define INDEX_LINE  ((uint32_t)1 << 31) /* main has named it: first parents, from its tip */
#define INDEX_TIP   ((uint32_t)1 << 30) /* all rows before it are its ancestors */
#define INDEX_AGAIN ((uint32_t)1 << 29) /* has a row already: it has come to the line since */
#define INDEX_DROP  (INDEX_AGAIN - 1)   /* so many rows of the line before it are off it now */

struct index_commit {
	git_oid id;
	uint32_t flags;
	int64_t time; /* committer's, Unix seconds */
};

#define INDEX_BEFORE_UNKNOWN ((uint16_t)1) /* `before` is not known: may have been any */

struct index_change {
	uint32_t commit; /* ordinal: its row's number */
	uint32_t address;
	uint16_t segment; /* number; see index_segment() */
	uint16_t flags;
	struct mac before, after; /* zero: absent */
};

/* The number of a segment's name; added when it is new. -ENOSPC, -ENOMEM. */
int index_segment(struct index *index, uint16_t *number, const char *name);
const char *index_segment_name(const struct index *index, uint16_t number);

/* Adds a commit; changes that are added until the next one are its own. Kept in memory until
 * index_flush(). -ENOMEM; -EFBIG: it is full. */
int index_add_commit(struct index *index, const struct index_commit *commit);
int index_add_change(struct index *index, const struct index_change *change);
/* What was added goes to the file, if there is one that may be written. Not made durable: what a
 * power cut takes away is noticed, and made again. On error the file is not used any more. */
int index_flush(struct index *index, struct fault *fault);

/* The commit of a row. -EBADMSG: the index is damaged (here, and below). */
int index_commit_at(struct index *index, uint32_t ordinal, struct index_commit *commit);
/* The row of a commit: 0, -ENOENT. */
int index_find(struct index *index, const git_oid *id, uint32_t *ordinal);
/*
 * The line is what main has named, newest first. Calls `handle` for its rows until that returns
 * non-zero, and returns it; 0 at the end. Blocks of rows whose times are all later than `time` are
 * passed over.
 */
typedef int index_line_fn(void *context, uint32_t ordinal, const struct index_commit *commit);
int index_line(struct index *index, int64_t time, index_line_fn *handle, void *context);

/* Calls `handle` for each change of an address, or (`mac` not NULL) from or to a MAC, newest first,
 * until it returns non-zero, and returns that. */
typedef int index_change_fn(void *context, const struct index_change *change);
int index_scan(struct index *index, const uint32_t *address, const struct mac *mac,
               index_change_fn *handle, void *context);

#endif
