// SPDX-License-Identifier: MIT
/* Chooses packs by their size. It reads only the folder, and opens no pack. */
#include "upkeep/tiers.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"
#include "upkeep/joinkeep.h"

#define TIERS 24 /* the last one also has all larger packs */

static unsigned tier_of(uint64_t size)
{
	unsigned tier = 0;

	for (uint64_t limit = TIER_FIRST; size >= limit && tier < TIERS - 1; limit *= TIER_FACTOR)
		tier++;
	return tier;
}

static bool is_ours(const char *folder, const char *name)
{
	return (!packplace_has(folder, name, "keep") || joinkeep_is_ours(folder, name)) &&
	       !packplace_has(folder, name, "promisor") && !packplace_has(folder, name, "mtimes") &&
	       !packplace_has(folder, name, "bitmap");
}

/* The pack of an index file. False: not an index, or a pack to leave alone. */
static bool look(struct tier_pack *pack, const char *folder, const char *file)
{
	char path[PATH_MAX];
	struct stat status;

	if (!packplace_name(pack->name, file, "idx"))
		return false;
	packplace_path(path, folder, pack->name, "pack");
	if (stat(path, &status) < 0 || !is_ours(folder, pack->name))
		return false;
	pack->size = (uint64_t)status.st_size;
	pack->modified = status.st_mtim;
	return true;
}

int tiers_list(struct tier_pack **packs, size_t *count, const char *git_directory,
               struct fault *fault)
{
	struct tier_pack *list = NULL;
	size_t room = 0;
	char folder[2000];
	struct dirent *file;
	DIR *directory;

	*count = 0;
	snprintf(folder, sizeof(folder), "%sobjects/pack", git_directory);
	directory = opendir(folder);
	if (!directory)
		return fault_set(fault, -errno, "%s: %s", folder, strerror(errno));
	while ((file = readdir(directory))) {
		if (array_reserve(&list, &room, *count + 1)) {
			free(list);
			closedir(directory);
			return fault_set(fault, -ENOMEM, "out of memory");
		}
		*count += look(&list[*count], folder, file->d_name);
	}
	closedir(directory);
	*packs = list;
	return 0;
}

static int compare_age(const void *a, const void *b)
{
	const struct timespec *x = &((const struct tier_pack *)a)->modified;
	const struct timespec *y = &((const struct tier_pack *)b)->modified;

	if (x->tv_sec != y->tv_sec)
		return x->tv_sec < y->tv_sec ? -1 : 1;
	return (x->tv_nsec > y->tv_nsec) - (x->tv_nsec < y->tv_nsec);
}

size_t tiers_choose(struct tier_pack *packs, size_t count, size_t most)
{
	size_t in_tier[TIERS] = {0}, chosen = 0;
	int full = -1;

	for (size_t i = 0; i < count; i++)
		in_tier[tier_of(packs[i].size)]++;
	for (int tier = 0; tier < TIERS; tier++)
		if (in_tier[tier] >= TIER_FACTOR)
			full = tier;
	if (full < 0)
		return 0;
	qsort(packs, count, sizeof(*packs), compare_age);
	/* Smaller packs are joined as well: that costs little, and fewer remain. */
	for (size_t i = 0; i < count && chosen < most; i++) {
		struct tier_pack pack = packs[i];

		if (tier_of(pack.size) > (unsigned)full)
			continue;
		packs[i] = packs[chosen];
		packs[chosen++] = pack;
	}
	return chosen;
}

size_t tiers_oldest(struct tier_pack *packs, size_t count, size_t most)
{
	qsort(packs, count, sizeof(*packs), compare_age);
	return count < 2 ? 0 : count < most ? count : most;
}
