/* SPDX-License-Identifier: MIT */
/* Which packs of a repository are worth joining now. */
#ifndef USER_UPKEEP_TIERS_H
#define USER_UPKEEP_TIERS_H

#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/fault.h"
#include "pack/packfile.h"

/*
 * Packs are of one tier when their sizes differ by less than this factor; so many of one tier are
 * joined, which as a rule makes one of the next. So there are never more than a few of each tier,
 * and an object is copied once a tier: of a million changes, four times.
 */
#define TIER_FACTOR 8
#define TIER_FIRST  (64u << 10) /* octets: all below are of one tier */

struct tier_pack {
	char name[PACK_NAME];
	uint64_t size;
	struct timespec modified;
};

/* The packs that are ours to join: with an index, and nobody else's .keep, .promisor, .mtimes or
 * .bitmap. malloc'ed. */
int tiers_list(struct tier_pack **packs, size_t *count, const char *git_directory,
               struct fault *fault);
/* Moves those that should be joined to the front, oldest first, at most `most`; how many: 0, or at
 * least two. */
size_t tiers_choose(struct tier_pack *packs, size_t count, size_t most);
/* The same, of whatever size they are. */
size_t tiers_oldest(struct tier_pack *packs, size_t count, size_t most);

#endif
