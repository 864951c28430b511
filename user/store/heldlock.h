/* SPDX-License-Identifier: MIT */
/*
 * Git's lock NAME.lock while NAME is written anew, taken so that a killed holder leaves it to the
 * next one: its text says that it is ours, and its holder keeps it locked with flock(), from before
 * it has its name. So one that is ours, and that nobody keeps, is a dead process's. As with git,
 * the new content is in NAME.new until it becomes NAME.
 */
#ifndef USER_STORE_HELDLOCK_H
#define USER_STORE_HELDLOCK_H

#include <limits.h>
#include <stdbool.h>

#include "base/base.h"

struct heldlock {
	char path[PATH_MAX];
	int file; /* -1: not held */
};

/* `name` is the lock file's, below the git directory, which ends in '/'. -EEXIST: a process has it,
 * or has left it. */
int heldlock_take(struct heldlock *lock, const char *git_directory, const char *name,
                  struct fault *fault);
void heldlock_release(struct heldlock *lock);

/* Removes it, and what its holder was writing, if a process of ours has left it. Several processes
 * may try at a time. True: it was removed. */
bool heldlock_clean(const char *path);

#endif
