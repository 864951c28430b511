/* SPDX-License-Identifier: MIT */
/*
 * The head of a commit: tree, parents, time. For walks over a million of them, where libgit2's
 * parsed commits, with names and messages, take three times as long.
 */
#ifndef USER_STORE_STORED_COMMIT_H
#define USER_STORE_STORED_COMMIT_H

#include <git2.h>
#include <stdint.h>

#include "base/base.h"

#define STORED_PARENTS 16 /* more than any real octopus merge has */

struct stored_commit {
	git_oid tree;
	git_oid parent[STORED_PARENTS];
	unsigned parents;
	int64_t time; /* committer's, Unix seconds */
};

/* 0, or a negative errno and a fault. */
int stored_commit_read(struct stored_commit *commit, git_odb *odb, const git_oid *id,
                       struct fault *fault);

#endif
