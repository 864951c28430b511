// SPDX-License-Identifier: MIT
/*
 * A marker file stands in the folder until everything else is durable. Files beside the marker at a
 * start are of an unfinished repository, in which nothing was acknowledged: they are removed.
 * Without the marker nothing is ever removed.
 */
#include "store/making.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/base.h"

#define MARKER        "arpkeeper.making"
#define FILES_AT_ONCE 16

/* The folder that holds it. */
static void parent_of(char parent[PATH_MAX], const char *path)
{
	size_t length = strlen(path);

	while (length > 1 && path[length - 1] == '/')
		length--;
	while (length > 0 && path[length - 1] != '/')
		length--;
	while (length > 1 && path[length - 1] == '/')
		length--;
	if (length == 0)
		snprintf(parent, PATH_MAX, ".");
	else
		snprintf(parent, PATH_MAX, "%.*s", (int)length, path);
}

/* With the folders above it, and their names durable. */
static int make_folder(const char *path)
{
	char parent[PATH_MAX];
	int error;

	parent_of(parent, path);
	if (mkdir(path, 0777) == 0)
		return sync_path(parent);
	if (errno != ENOENT || !strcmp(parent, path))
		return errno == EEXIST ? 0 : -errno;
	error = make_folder(parent);
	if (!error && mkdir(path, 0777) < 0)
		error = -errno;
	return error ? error : sync_path(parent);
}

/* Whether it has nothing in it, and whether a making was cut short there. */
static int look(const char *path, bool *empty, bool *cut)
{
	DIR *folder = opendir(path);
	struct dirent *file;

	*empty = true;
	*cut = false;
	if (!folder)
		return errno == ENOENT ? 0 : -errno;
	while ((file = readdir(folder))) {
		if (!strcmp(file->d_name, ".") || !strcmp(file->d_name, ".."))
			continue;
		*empty = false;
		*cut |= !strcmp(file->d_name, MARKER);
	}
	closedir(folder);
	return 0;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	if (walk->level == 0 || (walk->level == 1 && !strcmp(path + walk->base, MARKER)))
		return 0;
	return (type == FTW_DP ? rmdir(path) : unlink(path)) < 0 ? -errno : 0;
}

static int sync_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)walk;
	return type == FTW_DP || (type == FTW_F && S_ISREG(status->st_mode)) ? sync_path(path) : 0;
}

int making_begin(int *making, const char *path, const char *setting, struct fault *fault)
{
	char marker[PATH_MAX];
	bool empty, cut;
	int descriptor = -1, error = look(path, &empty, &cut);

	*making = -1;
	if (error)
		return fault_set(fault, error, "%s: %s", path, strerror(-error));
	if (!empty && !cut)
		return 0;
	snprintf(marker, sizeof(marker), "%s/" MARKER, path);
	error = make_folder(path);
	if (!error) {
		descriptor = open(marker, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
		error = descriptor < 0 ? -errno : 0;
	}
	if (!error && flock(descriptor, LOCK_EX | LOCK_NB) < 0)
		error = -errno;
	if (error == -EWOULDBLOCK) {
		close(descriptor);
		return fault_set(fault, -EBUSY,
		                 "%s is being made by another agent at this moment: stop one of "
		                 "the two, or name another path in %s",
		                 path, setting);
	}
	/* The marker must be durable first. */
	if (!error && fsync(descriptor) < 0)
		error = -errno;
	if (!error)
		error = sync_path(path);
	if (!error && cut)
		error = nftw(path, remove_one, FILES_AT_ONCE, FTW_PHYS | FTW_DEPTH);
	if (error) {
		making_abandon(descriptor);
		return fault_set(fault, error, "%s: a repository cannot be made: %s", path,
		                 strerror(-error));
	}
	*making = descriptor;
	return 0;
}

int making_end(int making, const char *path, struct fault *fault)
{
	char marker[PATH_MAX];
	int error = nftw(path, sync_one, FILES_AT_ONCE, FTW_PHYS | FTW_DEPTH);

	snprintf(marker, sizeof(marker), "%s/" MARKER, path);
	if (!error && unlink(marker) < 0)
		error = -errno;
	if (!error)
		error = sync_path(path);
	making_abandon(making);
	return error ? fault_set(fault, error, "%s: a repository cannot be made: %s", path,
	                         strerror(-error))
	             : 0;
}

void making_abandon(int making)
{
	if (making >= 0)
		close(making);
}
