/* SPDX-License-Identifier: MIT */
/* Several packs of a repository become one. */
#ifndef USER_UPKEEP_JOIN_H
#define USER_UPKEEP_JOIN_H

#include <stddef.h>
#include <stdint.h>

#include "base/fault.h"
#include "pack/pack.h"
#include "pack/packfile.h"

#define JOIN_MAX       64 /* packs at once */
#define JOINING_FOLDER PACK_FOLDER "/joining"
#define LOCK_ASIDE     PACK_FOLDER "/taking" /* gitlock.h */

struct join {
	const char *git_directory; /* ends in '/' */
	const char (*name)[PACK_NAME];
	size_t names;
	/* what came of it: */
	char made[PACK_NAME];
	uint64_t bytes_in, bytes_out;
	uint32_t objects;
	size_t damaged; /* with -EIO: which of the packs */
};

/*
 * Writes the new pack, durable and looked over, and removes the old ones. Killed at any moment, it
 * leaves all objects where git finds them; what it leaves besides, join_clean() removes. -ENOENT:
 * somebody else (`git gc`) has removed a pack. -EIO: a pack is damaged. -EALREADY: git is just
 * writing an index of packs. On any error nothing has been removed.
 */
int join_packs(struct join *join, struct fault *fault);

/* Removes what a join that was killed has left. No other may run. */
void join_clean(const char *git_directory);
/* Only the locks of git's that it left; also beside another that joins. */
void join_clean_locks(const char *git_directory);

#endif
