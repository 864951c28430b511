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

/* `name` is the lock file's, below the git directory, which ends in '/'. One process at a time
 * takes locks there. -EALREADY: another process still has it after `patience` milliseconds. A lock
 * older than an hour is abandoned, and some file systems cannot link: then 0 is returned, and
 * nothing is held. */
int gitlock_take(struct gitlock *lock, const char *git_directory, const char *name,
                 unsigned patience, struct fault *fault);
void gitlock_release(struct gitlock *lock);
/* Removes it if a process of ours has left it. */
void gitlock_clean(const char *path);

/* The age in seconds of a lock of references or settings that a dead process seems to have left,
 * and its path; -1: there is none. */
long gitlock_stale(const char *git_directory, char path[PATH_MAX]);

/* `git gc` and we exclude each other: gc.pid. */
int gitlock_take_gc(struct gitlock *lock, const char *git_directory, struct fault *fault);

#endif
