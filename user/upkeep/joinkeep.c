// SPDX-License-Identifier: MIT
/* Keeps joined packs for a while. It leaves the .keep of other programs alone. */
#include "upkeep/joinkeep.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "pack/pack.h"
#include "store/store.h"

#define TEXT        "arpkeeper: joined a moment ago\n"
#define ASIDE       "tmp_joined_keep" /* git removes such a file when it is old */
#define LONG_ENOUGH 60 /* seconds; from reading an index of packs to removing one of them */

/* The file is written aside: one that is not whole would count as another program's. */
int joinkeep_add(const char *folder, const char *name, struct fault *fault)
{
	char path[PATH_MAX], aside[PATH_MAX];
	int descriptor, error = 0;

	packplace_path(path, folder, name, "keep");
	snprintf(aside, sizeof(aside), "%.2000s/" ASIDE, folder);
	unlink(aside);
	descriptor = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0444);
	if (descriptor < 0)
		return fault_set(fault, -errno, "%s: %s", aside, strerror(errno));
	if (write(descriptor, TEXT, sizeof(TEXT) - 1) != sizeof(TEXT) - 1 || fsync(descriptor) < 0)
		error = fault_set(fault, errno ? -errno : -EIO, "%s cannot be written", aside);
	else if (link(aside, path) < 0 && errno != EEXIST)
		/* Not every file system has second names. */
		error = rename(aside, path) == 0
		                ? 0
		                : fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	close(descriptor);
	unlink(aside);
	return error;
}

bool joinkeep_is_ours(const char *folder, const char *name)
{
	char path[PATH_MAX], text[sizeof(TEXT)] = "";
	ssize_t length = -1;
	int descriptor;

	packplace_path(path, folder, name, "keep");
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor >= 0) {
		length = read(descriptor, text, sizeof(text));
		close(descriptor);
	}
	return length == sizeof(TEXT) - 1 && !memcmp(text, TEXT, sizeof(TEXT) - 1);
}

void joinkeep_remove(const char *folder, const char *name)
{
	char path[PATH_MAX];

	packplace_path(path, folder, name, "keep");
	if (joinkeep_is_ours(folder, name))
		unlink(path);
}

size_t joinkeep_settle(const char *git_directory)
{
	char folder[2000], path[PATH_MAX], name[PACK_NAME];
	struct dirent *file;
	struct stat status;
	DIR *directory;
	size_t left = 0;

	snprintf(folder, sizeof(folder), "%sobjects/pack", git_directory);
	multiindex_drop_stale(folder);
	directory = opendir(folder);
	while (directory && (file = readdir(directory))) {
		if (!packplace_name(name, file->d_name, "keep") || !joinkeep_is_ours(folder, name))
			continue;
		packplace_path(path, folder, name, "keep");
		if (stat(path, &status) == 0 && status.st_mtim.tv_sec + LONG_ENOUGH < time(NULL))
			unlink(path);
		else
			left++;
	}
	if (directory)
		closedir(directory);
	return left;
}
