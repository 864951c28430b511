/* SPDX-License-Identifier: MIT */
/* A three-way merge of trees: whatever both sides changed, the caller's rule decides. */
#ifndef USER_STORE_TREEMERGE_H
#define USER_STORE_TREEMERGE_H

#include <git2.h>

#include "base/base.h"
#include "store/edits.h"

/* A file in one of the three versions. */
struct treemerge_blob {
	const git_oid *id; /* NULL: it is not there */
	git_filemode_t mode;
};

/* A file that both sides changed since the base, each in another way. */
struct treemerge_file {
	const char *path; /* valid during the call, as all ids */
	struct treemerge_blob base, ours, theirs;
};

enum treemerge_choice { TREEMERGE_OURS, TREEMERGE_THEIRS };

/* An enum treemerge_choice, or a negative errno that ends the merge. */
typedef int treemerge_rule(void *context, const struct treemerge_file *file);

/*
 * Adds the edits that make `ours` the merge of both. `base` may be NULL: an empty tree. All three
 * are flushed. What only one side changed needs no rule. -ENOTSUP: a path is a file on one side and
 * a folder on the other, and both have changed; -EIO, -ENOMEM.
 */
int treemerge(struct edits *edits, git_repository *repository, const git_oid *base,
              const git_oid *ours, const git_oid *theirs, treemerge_rule *rule, void *context,
              struct fault *fault);

#endif
