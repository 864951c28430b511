// SPDX-License-Identifier: MIT
/* Compares the packs on the disk with those of the last look. Opens no pack. */
#include "store/packset.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/base.h"
#include "pack/pack.h"

static int compare(const void *a, const void *b)
{
	return git_oid_cmp(a, b);
}

static int list(struct packset *set, DIR *folder)
{
	char name[PACK_NAME];
	struct dirent *file;

	while ((errno = 0, file = readdir(folder))) {
		if (!packplace_name(name, file->d_name, "idx"))
			continue;
		if (array_reserve(&set->name, &set->room, set->count + 1))
			return -ENOMEM;
		if (git_oid_fromstr(&set->name[set->count], name) == 0)
			set->count++;
	}
	if (errno)
		return -errno;
	if (set->count > 0)
		qsort(set->name, set->count, sizeof(*set->name), compare);
	return 0;
}

/* Whether all of `before` are still there. */
static bool has_all(const struct packset *set, const struct packset *before)
{
	size_t at = 0;

	for (size_t i = 0; i < before->count; i++) {
		while (at < set->count && git_oid_cmp(&set->name[at], &before->name[i]) < 0)
			at++;
		if (at == set->count || !git_oid_equal(&set->name[at], &before->name[i]))
			return false;
	}
	return true;
}

bool packset_look(struct packset *set, const git_repository *repository)
{
	struct packset now = {0};
	char path[PATH_MAX];
	struct stat status;
	bool gone = false;
	DIR *folder;

	snprintf(path, sizeof(path), "%sobjects/pack", git_repository_commondir(repository));
	/* The time is taken first: what changes later is seen by the next look. */
	if (stat(path, &status) < 0 || (status.st_mtim.tv_sec == set->changed.tv_sec &&
	                                status.st_mtim.tv_nsec == set->changed.tv_nsec))
		return false;
	now.changed = status.st_mtim;
	folder = opendir(path);
	if (!folder)
		return false;
	if (list(&now, folder) < 0) {
		packset_clear(&now);
	} else {
		gone = !has_all(&now, set);
		packset_clear(set);
		*set = now;
	}
	closedir(folder);
	return gone;
}

void packset_clear(struct packset *set)
{
	free(set->name);
	*set = (struct packset){0};
}
