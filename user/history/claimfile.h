/* SPDX-License-Identifier: MIT */
/*
 * Reads and judges what nodes' branches hold: files that are claims, and commits that say whose and
 * which they are. Writes nothing, and trusts nothing.
 */
#ifndef USER_HISTORY_CLAIMFILE_H
#define USER_HISTORY_CLAIMFILE_H

#include <git2.h>

#include "fleet/fleet.h"
#include "format/format.h"

#define BOOT_TEXT 33 /* of a repository: 32 hexadecimal digits and NUL */

struct claimfile {
	git_repository *repository;
	git_odb *odb;
	struct blobs *blobs; /* NULL: few were read so far */
	size_t read;
};

int claimfile_open(struct claimfile *file, git_repository *repository, struct fault *fault);
void claimfile_close(struct claimfile *file);
/* A claim. 0, or -EINVAL ("line N: reason"), -EIO. */
int claimfile_claim(struct claimfile *file, struct claim *claim, const git_oid *id,
                    struct fault *fault);
/* The entry in it, malloc'ed. -EINVAL also for a mark. */
int claimfile_entry(struct claimfile *file, struct entry **entry, const git_oid *id,
                    struct fault *fault);

/* One address of a branch, judged. */
struct claimfile_change {
	struct address address;
	struct claim claim; /* CLAIM_NONE: the file is gone */
};

struct claimfile_changes {
	struct claimfile_change *item; /* owned */
	size_t count, room;
};

/* What changed from one tree of a segment's node branch to another; either may be NULL. Addresses
 * outside the segment's prefixes are passed over: another node's may be wider. 0, or with a fault
 * "path: reason": -EINVAL (then the branch is bad), -EIO, -ENOMEM. */
int claimfile_diff(struct claimfile *file, struct claimfile_changes *changes,
                   const struct segment *segment, const git_oid *before, const git_oid *after,
                   struct fault *fault);

/* A commit of a node's branch. */
struct claimcommit {
	git_oid tree, parent;
	bool has_parent;
	int64_t time;
	uint64_t count;
	char boot[BOOT_TEXT];
};

/* 0, or -EINVAL (not such a commit), -ENOENT, -EIO. `node` is whose it must be. */
int claimcommit_read(struct claimcommit *commit, git_repository *repository, const git_oid *id,
                     const char *node, struct fault *fault);

#endif
