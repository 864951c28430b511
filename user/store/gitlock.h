/* SPDX-License-Identifier: MIT */
/*
 * Git's locks, taken for a moment, as git does: a file NAME.lock, which only one process can make.
 * Ours names its process, so that the lock of a killed process is recognised.
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

/* `path` is the lock file's, `aside` a file in the same file system that only this process uses.
 * -EALREADY: another process still has it after `patience` milliseconds. A lock older than an hour
 * is abandoned, and some file systems cannot link: then 0 is returned, and nothing is held. */
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
