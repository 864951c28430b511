// SPDX-License-Identifier: MIT
/*
 * What an agent that died left: git's lock files, in whose way the next one would wait for ever.
 * Called at start-up only; while an agent runs, a lock is never removed (engine.c says so to a
 * person instead).
 */
#include "history/leftover.h"

#include <ftw.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "log/log.h"

#define PATIENCE_MS 1000

static int remove_lock(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	size_t length = strlen(path);

	(void)status;
	(void)walk;
	if (type == FTW_F && length > 5 && !strcmp(path + length - 5, ".lock") && !unlink(path))
		log_debug("%s was left by an agent that died: removed", path);
	return 0;
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_size == b->st_size;
}

void leftover_locks(const char *git_directory)
{
	static const char *const own[] = {"refs/heads/task", "refs/arpkeeper"};
	static const char *const shared[] = {"refs/heads/main", "packed-refs", "HEAD", "config"};
	enum { SHARED = sizeof(shared) / sizeof(shared[0]) };
	struct stat before[SHARED], after;
	bool there[SHARED], any = false;
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		snprintf(path, sizeof(path), "%s%s", git_directory, own[i]);
		nftw(path, remove_lock, 16, FTW_PHYS);
	}
	for (size_t i = 0; i < SHARED; i++) {
		snprintf(path, sizeof(path), "%s%s.lock", git_directory, shared[i]);
		there[i] = stat(path, &before[i]) == 0;
		any |= there[i];
	}
	if (!any)
		return;
	uv_sleep(PATIENCE_MS);
	for (size_t i = 0; i < SHARED; i++) {
		snprintf(path, sizeof(path), "%s%s.lock", git_directory, shared[i]);
		if (there[i] && stat(path, &after) == 0 && same_file(&before[i], &after) &&
		    unlink(path) == 0)
			log_warning("%s was left by an agent that died: removed", path);
	}
}
