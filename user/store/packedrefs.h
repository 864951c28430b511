/* SPDX-License-Identifier: MIT */
/*
 * Many references at once, in git's packed-refs file: one rewrite under its lock, two fsyncs, for
 * what would be two for each loose reference.
 */
#ifndef USER_STORE_PACKEDREFS_H
#define USER_STORE_PACKEDREFS_H

#include <git2.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "base/base.h"

#define REF_NAME_MAX 512

/* A reference that only the caller writes. */
struct ref_change {
	char name[REF_NAME_MAX];
	bool present; /* or removed */
	git_oid id;
};

/* Rewrites packed-refs with the changes, which are sorted; of two of one name the last in the list
 * counts. Loose files of those names go. All references of others stay as they are. Durable when it
 * returns 0; -EBUSY: another process holds the lock; on error nothing has changed. */
int packedrefs_change(const char *git_directory, struct ref_change *change, size_t changes,
                      struct fault *fault);

/* The file with its lock held: no other process packs references meanwhile. */
struct packedrefs {
	char path[PATH_MAX], lock[PATH_MAX];
	FILE *file; /* NULL: the lock is released */
};

/* -EBUSY: another process has it. */
int packedrefs_lock(struct packedrefs *held, const char *git_directory, struct fault *fault);
/* Rewrites the file with the changes, sorted, one of a name; what is loose stays. Durable but for
 * the folder. In any case the lock is given back. */
int packedrefs_write(struct packedrefs *held, const struct ref_change *change, size_t changes,
                     struct fault *fault);
/* Nothing has changed. Fine after packedrefs_write(), too. */
void packedrefs_unlock(struct packedrefs *held);

#endif
