// SPDX-License-Identifier: MIT
/* Words the damage, and notices when files change. Reads none, and mends nothing. */
#include "history/damage.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

static uint64_t mix(uint64_t seen, uint64_t value)
{
	seen = (seen ^ value) * UINT64_C(0x9e3779b97f4a7c15);
	return seen ^ seen >> 29;
}

static uint64_t add_file(uint64_t seen, const char *path)
{
	struct stat status;

	if (stat(path, &status) < 0)
		return mix(seen, 1);
	seen = mix(seen, (uint64_t)status.st_ino);
	seen = mix(seen, (uint64_t)status.st_size);
	return mix(seen,
	           (uint64_t)status.st_mtim.tv_sec * 1000000000 + (uint64_t)status.st_mtim.tv_nsec);
}

/* The order in which a folder names its files does not count. */
static uint64_t add_files(uint64_t seen, const char *path)
{
	char file[PATH_MAX + 258];
	struct dirent *entry;
	uint64_t sum = 0;
	DIR *folder = opendir(path);

	while (folder && (entry = readdir(folder))) {
		snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		sum += add_file(0, file);
	}
	if (folder)
		closedir(folder);
	return mix(seen, sum);
}

static uint64_t look(const char *directory)
{
	static const char *const folders[] = {"", "objects", "objects/pack", "refs/heads",
	                                      "refs/arpkeeper"};
	char path[PATH_MAX];
	uint64_t seen = 0;

	for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", directory, folders[i]);
		seen = add_files(seen, path);
	}
	return seen;
}

void damage_begin(struct damage *damage, git_repository *repository, const char *lost,
                  const char *why)
{
	/* Other messages quote it, and must have room. */
	snprintf(damage->text, sizeof(damage->text),
	         "history is damaged, and cannot be read as a whole: %.120s. Nothing is written to "
	         "it. `arpkeeper repair --from URL` takes what is missing from a peer or a backup; "
	         "`arpkeeper repair --new` begins anew, and keeps it aside",
	         lost[0] ? lost : why);
	damage->seen = look(git_repository_path(repository));
}

bool damage_has_changed(struct damage *damage, git_repository *repository)
{
	uint64_t now = look(git_repository_path(repository));
	bool settled = now == damage->seen;

	/* A program that mends it may not have finished. */
	damage->changed |= !settled;
	damage->seen = now;
	return damage->changed && settled;
}
