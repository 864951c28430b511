/* SPDX-License-Identifier: MIT */
/* References: read, moved by compare-and-swap, removed by compare-and-delete; loose or packed. */
#ifndef USER_STORE_REFS_H
#define USER_STORE_REFS_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "store/refnames.h"

/* 0, -ENOENT, or another error. */
int refs_read(git_oid *id, git_repository *repository, const char *name, struct fault *fault);
/* Moves from `before` (NULL: the reference must not exist) to `after`. -ESTALE: it is not at
 * `before`; -EBUSY: another process holds its lock. Durable when it returns 0. */
int refs_move(git_repository *repository, const char *name, const git_oid *before,
              const git_oid *after, struct fault *fault);
/* Sets a reference that only the caller writes. */
int refs_set(git_repository *repository, const char *name, const git_oid *after,
             struct fault *fault);
/* Removes it if it is still at `before`; -ESTALE if not; 0 if it is gone already. */
int refs_remove(git_repository *repository, const char *name, const git_oid *before,
                struct fault *fault);
/* Calls `handle` for each reference below `folder`, which ends in '/'. Stops at the first non-zero
 * result, and returns it. */
int refs_each(git_repository *repository, const char *folder,
              int (*handle)(void *context, const char *name, const git_oid *id), void *context,
              struct fault *fault);

#define REF_NAME_MAX 512

/* A reference that only the caller writes. */
struct ref_change {
	char name[REF_NAME_MAX];
	bool present; /* or removed */
	git_oid id;
};

/* Many references at once: one rewrite, two fsyncs, for what would be two for each loose reference.
 * Rewrites packed-refs with the changes, which are sorted; of two of one name the last in the list
 * counts. Loose files of those names go. All references of others stay as they are. Durable when it
 * returns 0; -EBUSY: another process holds the lock; on error nothing has changed. */
int packedrefs_change(const char *git_directory, struct ref_change *change, size_t changes,
                      struct fault *fault);
/* The same with `moved` among the changes, under its own lock as git holds it, if it is at `before`
 * (or is where it is to be). -ESTALE: another process has moved it, and nothing has changed. */
int refs_swap(git_repository *repository, const struct ref_change *moved, const git_oid *before,
              struct ref_change *change, size_t changes, struct fault *fault);

#endif
