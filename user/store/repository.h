/* SPDX-License-Identifier: MIT */
/*
 * The repository itself: made, or recognised as the caller's, and held by one process at a time.
 *
 *     repository_open(&repository, &options, fault);      locked
 *     ...                                                 its configuration, its first commit
 *     repository_ready(&repository, options.path, fault);
 *     ...
 *     repository_release(repository.lock);
 */
#ifndef USER_STORE_REPOSITORY_H
#define USER_STORE_REPOSITORY_H

#include <git2.h>

#include "base/base.h"

/* Which repositories are the caller's. Any other that has a reference is refused, unchanged. */
struct repository_options {
	const char *path;
	const char *key;       /* of its configuration, "arpkeeper.format" ... */
	int format;            /* ... with this value; the caller writes it */
	const char *reference; /* or with this reference; NULL: none */
	const char *setting;   /* for messages: where the operator names the path */
	/* of its configuration that are the caller's: trust.h */
	const char *const *sections;
};

struct repository {
	git_repository *git; /* the caller's to free */
	int lock;            /* for repository_release(); -1: not held */
	int making;          /* -1: it was there before */
};

/* Sets libgit2 up: what it trusts, syncs, and keeps in memory. git_libgit2_init() included. */
int repository_set_up(struct fault *fault);

/* Opens or makes it, and takes its lock. Removes what a process that died left in the way. -EBUSY:
 * another process has it. -EPERM: another user could make git run a program there (trust.h);
 * nothing was written. */
int repository_open(struct repository *repository, const struct repository_options *options,
                    struct fault *fault);
#define REPOSITORY_LOCK "arpkeeper.lock" /* in the git directory */

/* Takes the lock of the repository in the folder `directory`, which ends in '/'. -EBUSY: another
 * process has it; the message names `setting`, where the path comes from. */
int repository_lock(int *lock, const char *directory, const char *setting, struct fault *fault);
/* Everything that belongs in a new one is written: it is durable when this returns 0. */
int repository_ready(struct repository *repository, const char *path, struct fault *fault);
/* After an error: lets go of all of it. One that is being made is begun anew at the next start. */
void repository_abandon(struct repository *repository);
/* Gives the lock back; -1 is fine. */
void repository_release(int lock);

/* Looks which packs there are. What libgit2 does not find it looks for by itself; but a multi-pack
 * index that it has read may name packs that have been joined since, and then it only fails; one
 * that is there and still names them is removed. */
void repository_refresh(git_repository *repository);

/*
 * Makes a repository such that a crash at any moment leaves nothing, one that the next start makes
 * anew, or a whole one, durable with everything in it. Begins where there is nothing, an empty
 * folder, or an unfinished repository, whose files it removes. The folder is there then, and
 * `*making` a descriptor for making_end() or making_abandon(). -1: something is there, to be
 * opened. -EBUSY: another process is making it; the message names `setting`, where the path comes
 * from.
 */
int making_begin(int *making, const char *path, const char *setting, struct fault *fault);
/* Makes all of it durable, and its name. Closes `making` in any case. */
int making_end(int making, const char *path, struct fault *fault);
/* The next start begins anew. -1 is fine. */
void making_abandon(int making);

#endif
