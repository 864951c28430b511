// SPDX-License-Identifier: MIT
/* A walk from the leaves up. It stops at the first failure. */
#include "base/folder.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <sys/stat.h>

#define AT_ONCE 16 /* descriptors */

static int remove_below(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status;
	(void)type;
	return walk->level > 0 ? remove(path) : 0;
}

int folder_empty(const char *path)
{
	return nftw(path, remove_below, AT_ONCE, FTW_DEPTH | FTW_PHYS) < 0 ? -errno : 0;
}

int folder_remove(const char *path)
{
	int error = folder_empty(path);

	if (!error && remove(path) < 0)
		error = -errno;
	return error;
}
