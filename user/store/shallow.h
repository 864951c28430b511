/* SPDX-License-Identifier: MIT */
/*
 * Where a shallow history begins: the commits in git's file `shallow` count as having no parents.
 * (libgit2 1.5 does not know the file.)
 */
#ifndef USER_STORE_SHALLOW_H
#define USER_STORE_SHALLOW_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

struct shallow {
	git_oid *id; /* owned, sorted */
	size_t count, room;
	uint64_t digest; /* of all of them; 0: the history is whole */
};

/* Of the repository whose folder (ending in '/') this is. 0, or -EIO, -EINVAL, -ENOMEM. */
int shallow_read(struct shallow *shallow, const char *directory, struct fault *fault);
bool shallow_has(const struct shallow *shallow, const git_oid *commit);
void shallow_clear(struct shallow *shallow);

#endif
