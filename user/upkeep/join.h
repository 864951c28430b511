/* SPDX-License-Identifier: MIT */
/* Makes one pack of several: chooses those that are worth it, and joins them. */
#ifndef USER_UPKEEP_JOIN_H
#define USER_UPKEEP_JOIN_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/base.h"
#include "pack/pack.h"
#include "upkeep/retired.h"

/*
 * Packs are of one tier when their sizes differ by less than this factor. When a tier has as many
 * packs, they are joined, which usually makes one pack of the next tier. So a tier has few packs,
 * and an object is copied once per tier: four times in a million changes.
 */
#define TIER_FACTOR 8
#define TIER_FIRST  (64u << 10) /* bytes: all smaller packs are of one tier */

struct tier_pack {
	char name[PACK_NAME];
	uint64_t size;
	struct timespec modified;
};

/* The packs that upkeep may join: with an index, and without a .promisor, .mtimes, .bitmap or
 * another program's .keep. The caller frees them. */
int tiers_list(struct tier_pack **packs, size_t *count, const char *git_directory,
               struct fault *fault);
/* Moves the packs that should be joined to the front, oldest first, at most `most`. Returns their
 * number: 0, or at least two. */
size_t tiers_choose(struct tier_pack *packs, size_t count, size_t most);
/* The same, whatever their sizes. */
size_t tiers_oldest(struct tier_pack *packs, size_t count, size_t most);

#define JOIN_MAX 64 /* packs at once */

struct join {
	const char *git_directory;     /* ends in '/' */
	const char (*name)[PACK_NAME]; /* oldest first */
	size_t names;
	struct retired *retired; /* gets the old packs */
	/* results: */
	char made[PACK_NAME];
	uint64_t bytes_in, bytes_out;
	uint32_t objects;
	size_t damaged; /* with -EIO: the index of its name */
};

/*
 * Writes the new pack, checks it, makes it durable, and notes the old packs, to be removed.
 * -ENOENT: another process (`git gc`) removed a pack. -EIO: a pack is damaged. It removes nothing.
 * If the process is killed, git still finds every object, and the next upkeep removes the temporary
 * files.
 */
int join_packs(struct join *join, struct fault *fault);

#endif
