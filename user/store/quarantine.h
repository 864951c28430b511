/* SPDX-License-Identifier: MIT */
/*
 * A bare repository aside, into which foreign objects are fetched to be judged first. It borrows
 * the objects that the repository has, so that only new ones are fetched.
 */
#ifndef USER_STORE_QUARANTINE_H
#define USER_STORE_QUARANTINE_H

#include <git2.h>
#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

#include "base/base.h"
#include "pack/pack.h"

struct quarantine {
	char path[PATH_MAX]; /* beside the repository: on its file system; "": none */
	int lock;
	size_t made_from; /* of the path: parents from here on were not there before */
};

/* Makes an empty one for the repository at `path`, which may not exist yet; what a killed process
 * left there goes first. `borrows`: what the repository has is not fetched again. -EBUSY: another
 * process has one. */
int quarantine_make(struct quarantine *quarantine, const char *path, bool borrows,
                    struct fault *fault);
/* The same, where `suffix` ("incoming", for the one above) names it, so that there may be several.
 */
int quarantine_make_as(struct quarantine *quarantine, const char *path, const char *suffix,
                       bool borrows, struct fault *fault);
/*
 * Moves its objects into the repository, durably, each pack behind a .keep file that is added to
 * `keep`, and the names of commits whose parents are absent (a shallow history).
 */
int quarantine_release(struct quarantine *quarantine, git_repository *repository,
                       struct pack_keep *keep, struct fault *fault);
/* Only its objects. `directory`, of the repository, ends in '/'. */
int quarantine_release_objects(struct quarantine *quarantine, const char *directory,
                               struct pack_keep *keep, struct fault *fault);
/* Removes it, and parents that only it needed. Nothing made: nothing happens. */
void quarantine_remove(struct quarantine *quarantine);

#endif
