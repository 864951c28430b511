/* SPDX-License-Identifier: MIT */
/* Makes one pack of several. */
#ifndef USER_UPKEEP_JOIN_H
#define USER_UPKEEP_JOIN_H

#include <stddef.h>
#include <stdint.h>

#include "base/base.h"
#include "pack/pack.h"

#define JOIN_MAX       64 /* packs at once */
#define JOINING_FOLDER PACK_FOLDER "/joining"
#define LOCK_ASIDE     PACK_FOLDER "/taking" /* gitlock.h */

struct join {
	const char *git_directory;     /* ends in '/' */
	const char (*name)[PACK_NAME]; /* oldest first */
	size_t names;
	/* results: */
	char made[PACK_NAME];
	uint64_t bytes_in, bytes_out;
	uint32_t objects;
	size_t damaged; /* with -EIO: the index of its name */
};

/*
 * Writes the new pack, checks it, makes it durable, and removes the old packs. -ENOENT: another
 * process (`git gc`) removed a pack. -EIO: a pack is damaged. -EALREADY: git is writing an index of
 * packs. On any error nothing has been removed. If the process is killed, git still finds every
 * object, and join_clean() removes the temporary files.
 */
int join_packs(struct join *join, struct fault *fault);

/* Removes what a killed join left. No other join may run. */
void join_clean(const char *git_directory);

#endif
