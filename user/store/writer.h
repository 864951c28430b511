/* SPDX-License-Identifier: MIT */
/* The object writer: takes edits, and makes commits. Callers need to know no trees. */
#ifndef USER_STORE_WRITER_H
#define USER_STORE_WRITER_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "store/edits.h"

struct writer; /* opaque */

/* A commit and its tree. */
struct version {
	git_oid commit, tree;
};

struct commit_spec {
	const git_oid *base; /* the tree that the edits are made to; NULL: an empty one */
	const struct done_before *before; /* NULL, or where they were made already (edits.h) */
	struct edit *edit;                /* sorted by the writer */
	size_t edits;
	const git_oid *parent[2];
	size_t parents;
	const char *message;
	const char *author; /* "Name <mail>", clean; NULL: the committer */
	int64_t time;       /* Unix seconds; 0: now */
};

/* `committer` "Name <mail>". Commits are signed if the repository's configuration says so
 * (signing.h). */
int writer_new(struct writer **writer, git_repository *repository, const char *committer,
               struct fault *fault);
/* One that only reads: no commits, and nothing is flushed. It needs no key. */
int writer_new_reading(struct writer **writer, git_repository *repository, struct fault *fault);
void writer_free(struct writer *writer);

/* The id that this text will have. Hashed now, written by writer_flush(). */
int writer_blob(struct writer *writer, git_oid *id, const char *text, size_t length,
                struct fault *fault);
/* Makes the commit; it is written by writer_flush(). On error nothing has happened. */
int writer_commit(struct writer *writer, struct version *version, const struct commit_spec *spec,
                  struct fault *fault);
/* The same without any file, whatever `base` and `edit` say: the empty tree. It is not the last one
 * made (below). */
int writer_commit_empty(struct writer *writer, struct version *version,
                        const struct commit_spec *spec, struct fault *fault);
/* When the last one was made, as it says itself: Unix seconds. */
int64_t writer_time(const struct writer *writer);
/* Only the tree that a commit would have. */
int writer_tree(struct writer *writer, git_oid *tree, const git_oid *base, struct edit *edit,
                size_t edits, struct fault *fault);

/* Looks a path up in a tree, also in one not yet flushed. -ENOENT if it is not there. */
int writer_find(struct writer *writer, git_oid *id, uint32_t *mode, const git_oid *tree,
                const char *path, struct fault *fault);
/* The bytes of a file, followed by a NUL; valid until the next call. -ENOENT if it is not there. */
int writer_read(struct writer *writer, const char **text, size_t *length, const git_oid *tree,
                const char *path, struct fault *fault);

size_t writer_pending_bytes(const struct writer *writer);
/* Everything made so far becomes durable. On error all of it stays pending: call again. */
int writer_flush(struct writer *writer, struct fault *fault);
/* Writes hints for upkeep, which nothing waits for. The next flush writes them as well. */
void writer_describe(struct writer *writer);
/* References now name what was flushed. Then writer_look(). */
void writer_settle(struct writer *writer);
/* Lets go of packs that other processes have removed, and of what much reading left in memory.
 * Cheap, unless there is something to let go of. */
void writer_look(struct writer *writer);
/* The caller has read much from the repository by itself: the next look lets go of it. */
void writer_note_reading(struct writer *writer);
/* No branch is open: frees the memory that only overlapping branches need. */
void writer_rest(struct writer *writer);

#endif
