// SPDX-License-Identifier: MIT
/* Removes no reference, and no object that is not in a pack. */
#include "upkeep/sweep.h"

#include <ctype.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/base.h"
#include "store/store.h"
#include "upkeep/join.h"

#define HOUR_S       3600
#define DAY_S        86400
#define FOLDER_MAX   2000
#define LOOSE_SAMPLE "17" /* as git does: one folder of 256 stands for all */
#define LOOSE_MANY   4    /* in that folder: then there are about a thousand */
#define HEX_REST     38   /* digits of an id after those of the folder */

static void remove_old(const char *folder, const char *name, time_t seconds)
{
	char path[PATH_MAX];
	struct stat status;

	snprintf(path, sizeof(path), "%.2000s/%s", folder, name);
	if (stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
	    status.st_ctim.tv_sec + seconds < time(NULL) && unlink(path) == 0)
		log_debug("%s was left by a killed process: removed", path);
}

void sweep_leftovers(const char *git_directory)
{
	char packs[FOLDER_MAX], own[FOLDER_MAX], name[PACK_NAME];
	struct dirent *file;
	DIR *directory;

	snprintf(packs, sizeof(packs), "%sobjects/pack", git_directory);
	directory = opendir(packs);
	while (directory && (file = readdir(directory))) {
		/* A join that was killed has moved in the pack, and not yet its index. */
		if (packplace_name(name, file->d_name, "pack") &&
		    !packplace_has(packs, name, "idx") && !packplace_has(packs, name, "keep"))
			remove_old(packs, file->d_name, HOUR_S);
		else if (!strncmp(file->d_name, "tmp_", 4))
			remove_old(packs, file->d_name, DAY_S);
	}
	if (directory)
		closedir(directory);
	snprintf(own, sizeof(own), "%s" PACK_FOLDER, git_directory);
	directory = opendir(own);
	while (directory && (file = readdir(directory)))
		if (packplace_name(name, file->d_name, "bases") &&
		    !packplace_has(packs, name, "pack"))
			remove_old(own, file->d_name, HOUR_S);
	if (directory)
		closedir(directory);
}

/* Counts the loose objects in the folder `first`, and writes their ids to `list` (or NULL). */
static size_t each_loose(const char *git_directory, const char *first, FILE *list)
{
	char folder[FOLDER_MAX];
	struct dirent *file;
	size_t count = 0;
	DIR *directory;

	snprintf(folder, sizeof(folder), "%sobjects/%s", git_directory, first);
	directory = opendir(folder);
	if (!directory)
		return 0;
	while ((file = readdir(directory))) {
		if (strlen(file->d_name) != HEX_REST ||
		    strspn(file->d_name, "0123456789abcdef") != HEX_REST)
			continue;
		count++;
		if (list)
			fprintf(list, "%s%s\n", first, file->d_name);
	}
	closedir(directory);
	return count;
}

int sweep_loose(const char *git_directory, struct fault *fault)
{
	static const char *const pack[] = {"pack-objects", "--quiet", "objects/pack/pack", NULL};
	static const char *const prune[] = {"prune-packed", "--quiet", NULL};
	char path[PATH_MAX], first[3];
	FILE *list;
	int error = 0;

	if (each_loose(git_directory, LOOSE_SAMPLE, NULL) < LOOSE_MANY)
		return 0;
	snprintf(path, sizeof(path), "%s" PACK_FOLDER "/loose", git_directory);
	list = fopen(path, "we");
	if (!list)
		return fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	for (unsigned i = 0; i < 256; i++) {
		snprintf(first, sizeof(first), "%02x", i);
		each_loose(git_directory, first, list);
	}
	if (fclose(list) != 0)
		error = fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	if (!error)
		error = gitchild_run(git_directory, pack, path, NULL, NULL, fault);
	if (!error)
		error = gitchild_run(git_directory, prune, NULL, NULL, NULL, fault);
	unlink(path);
	return error;
}
