/* SPDX-License-Identifier: MIT */
/* Commits as they are stored, where a thinned history begins, and where two histories meet. */
#ifndef USER_STORE_COMMITS_H
#define USER_STORE_COMMITS_H

#include <git2.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/base.h"

#define STORED_PARENTS 16 /* more than any real octopus merge has */

/* The head of a commit. For walks over a million of them, where libgit2's parsed commits, with
 * names and messages, take three times as long. */
struct stored_commit {
	git_oid tree;
	git_oid parent[STORED_PARENTS];
	unsigned parents;
	int64_t time; /* committer's, Unix seconds */
};

/* 0, or a negative errno and a fault. */
int stored_commit_read(struct stored_commit *commit, git_odb *odb, const git_oid *id,
                       struct fault *fault);

/* Where a shallow history begins: the commits in git's file `shallow` count as having no parents.
 * (libgit2 1.5 does not know the file.) */
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
