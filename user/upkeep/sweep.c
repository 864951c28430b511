// SPDX-License-Identifier: MIT
/* Sweeps. It never removes an object that is not in a pack, nor a reference. */
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
#define LOOSE_SAMPLE "17" /* as git does: ids are even, so one folder of 256 tells of all */
#define LOOSE_MANY   4    /* in it */
#define HEX_REST     38   /* digits of an id after the folder's two */

static bool ends_in(const char *name, const char *suffix)
{
	size_t length = strlen(name), end = strlen(suffix);

	return length > end && !strcmp(name + length - end, suffix);
}

/* A pack without an index: moved in by a join that was killed before the index was. */
static bool is_orphan_pack(const char *folder, const char *name)
{
	char path[PATH_MAX];

	if (strncmp(name, "pack-", 5) != 0 || !ends_in(name, ".pack"))
		return false;
	snprintf(path, sizeof(path), "%s/%.*s.idx", folder, (int)(strlen(name) - 5), name);
	if (access(path, F_OK) == 0)
		return false;
	snprintf(path, sizeof(path), "%s/%.*s.keep", folder, (int)(strlen(name) - 5), name);
	return access(path, F_OK) != 0;
}

static bool is_orphan_sidecar(const char *git_directory, const char *name)
{
	char path[PATH_MAX];

	if (strncmp(name, "pack-", 5) != 0 || !ends_in(name, ".bases"))
		return false;
	snprintf(path, sizeof(path), "%sobjects/pack/%.*s.pack", git_directory,
	         (int)(strlen(name) - 6), name);
	return access(path, F_OK) != 0;
}

static void remove_old(const char *folder, const char *name, time_t seconds)
{
	char path[PATH_MAX];
	struct stat status;

	snprintf(path, sizeof(path), "%.2000s/%s", folder, name);
	if (stat(path, &status) == 0 && S_ISREG(status.st_mode) &&
	    status.st_ctim.tv_sec + seconds < time(NULL) && unlink(path) == 0)
		log_debug("%s was left by a process that died: removed", path);
}

void sweep_leftovers(const char *git_directory)
{
	char folder[FOLDER_MAX];
	struct dirent *file;
	DIR *directory;

	snprintf(folder, sizeof(folder), "%sobjects/pack", git_directory);
	directory = opendir(folder);
	while (directory && (file = readdir(directory))) {
		if (is_orphan_pack(folder, file->d_name))
			remove_old(folder, file->d_name, HOUR_S);
		else if (!strncmp(file->d_name, "tmp_", 4))
			remove_old(folder, file->d_name, DAY_S);
	}
	if (directory)
		closedir(directory);
	snprintf(folder, sizeof(folder), "%s" PACK_FOLDER, git_directory);
	directory = opendir(folder);
	while (directory && (file = readdir(directory)))
		if (is_orphan_sidecar(git_directory, file->d_name))
			remove_old(folder, file->d_name, HOUR_S);
	if (directory)
		closedir(directory);
}

/* Calls `handle` for the digits that follow `first` in each loose object's id. */
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
