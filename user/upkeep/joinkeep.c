// SPDX-License-Identifier: MIT
/* Keeps joined packs for a while. Touches nobody else's .keep. */
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

static void path_of(char path[PATH_MAX], const char *folder, const char *name)
{
	snprintf(path, PATH_MAX, "%.2000s/pack-%s.keep", folder, name);
}

/* Under its name it is whole, or not there: an empty one would be taken for somebody else's. */
int joinkeep_add(const char *folder, const char *name, struct fault *fault)
{
	char path[PATH_MAX], aside[PATH_MAX];
	int descriptor, error = 0;

	path_of(path, folder, name);
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

	path_of(path, folder, name);
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

	path_of(path, folder, name);
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
		if (sscanf(file->d_name, "pack-%40[0-9a-f].keep", name) != 1 ||
		    !strstr(file->d_name, ".keep") || !joinkeep_is_ours(folder, name))
			continue;
		path_of(path, folder, name);
		if (stat(path, &status) == 0 && status.st_mtim.tv_sec + LONG_ENOUGH < time(NULL))
			unlink(path);
		else
			left++;
	}
	if (directory)
		closedir(directory);
	return left;
}
