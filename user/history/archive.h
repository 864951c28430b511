/* SPDX-License-Identifier: MIT */
/*
 * The repository as history's thread uses it: its handles, the configured segments, and where the
 * entry of an address is. For that thread only.
 */
#ifndef USER_HISTORY_ARCHIVE_H
#define USER_HISTORY_ARCHIVE_H

#include <git2.h>
#include <stdbool.h>

#include "base/base.h"
#include "entry/entry.h"
#include "format/format.h"
#include "lookback/lookback.h"
#include "merge/merge.h"
#include "store/store.h"

#define HOST_TEXT 256

struct archive {
	git_repository *repository;
	struct writer *writer;
	struct branches branches; /* the tasks' */
	struct lookback lookback;
	const struct segment *segment; /* the caller's */
	size_t segments;
	char host[HOST_TEXT];         /* the committer's */
	char node[NODE_NAME_MAX + 1]; /* in the tasks' ids */
	const char *fleet;            /* this node's name in the fleet; NULL: it is in none */
};

/* Takes over the repository, also on error. `host`, `node` and the segments are set already. */
int archive_init(struct archive *archive, git_repository *repository, struct fault *fault);
void archive_clear(struct archive *archive);

/* A commit and its tree. -ENOENT, -EINVAL (not a commit), or another error. */
int archive_version(const struct archive *archive, struct version *version, const git_oid *commit,
                    struct fault *fault);
/* The merge base of two commits. `has_base` false: they have none. */
int archive_base(const struct archive *archive, struct version *base, bool *has_base,
                 const git_oid *ours, const git_oid *theirs, struct fault *fault);

/* The repository, as a merge judges and compares; valid as long as the archive and the tree. */
struct merge_scope archive_scope(const struct archive *archive);
struct merge_ours archive_ours(const struct archive *archive, const git_oid *tree);

/* An address's file in a tree. -ENOENT: absent. */
int archive_find(struct archive *archive, git_oid *id, const git_oid *tree, unsigned segment,
                 struct address address, struct fault *fault);
/* The entry in it; NULL: absent or invalid. The caller frees it. */
int archive_entry(struct archive *archive, struct entry **entry, const git_oid *tree,
                  unsigned segment, struct address address, struct fault *fault);

#endif
