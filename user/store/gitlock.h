/* SPDX-License-Identifier: MIT */
/*
 * Locks of git's that we take for a moment, as git does: a file NAME.lock that only one can make.
 * It says who we are, so that one that a killed process has left is recognised.
 */
#ifndef USER_STORE_GITLOCK_H
#define USER_STORE_GITLOCK_H

#include <limits.h>
#include <stdbool.h>

#include "base/base.h"

#define GITLOCK_PACK_INDEX "objects/pack/multi-pack-index.lock" /* in the git directory */

struct gitlock {
	char path[PATH_MAX]; /* empty: not held */
};

/* `path` is the lock file's, `aside` a file in the same file system that nobody else uses.
 * -EALREADY: somebody else has it, even after `patience` milliseconds. One that is older than an
 * hour is nobody's, and some file systems cannot do this: then it succeeds, and nothing is held. */
int gitlock_take(struct gitlock *lock, const char *path, const char *aside, unsigned patience,
                 struct fault *fault);
void gitlock_release(struct gitlock *lock);
/* Removes it if a process of ours has left it. */
void gitlock_clean(const char *path);
/* The same for each lock that a process of ours may take in a git directory. */
void gitlock_clean_all(const char *git_directory);

/* `git gc` and we exclude each other: gc.pid in the git directory, which ends in '/'. */
int gitlock_take_gc(struct gitlock *lock, const char *git_directory, const char *aside,
                    struct fault *fault);

#endif
