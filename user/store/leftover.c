// SPDX-License-Identifier: MIT
/*
 * What an agent that died left: git's lock files, in whose way the next one would wait for ever.
 * Called at start-up only; while an agent runs, a lock is never removed (engine.c says so to a
 * person instead).
 */
#include "store/leftover.h"

#include <fts.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
#include <uv.h>

#include "base/base.h"
#include "store/gitlock.h"

#define PATIENCE_MS 1000
#define PLACES_MAX  8

/* A lock that others take, too, as it was when it was found. */
struct lock {
	char path[PATH_MAX];
	struct stat status;
};

struct locks {
	struct lock *item; /* owned */
	size_t count;
};

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_size == b->st_size;
}

static void add(struct locks *locks, const char *path, const struct stat *status)
{
	struct lock *grown = realloc(locks->item, (locks->count + 1) * sizeof(*grown));

	if (!grown)
		return;
	locks->item = grown;
	grown += locks->count++;
	snprintf(grown->path, sizeof(grown->path), "%s", path);
	grown->status = *status;
}

/* The lock files in these places: folders, or files. */
static struct locks find(const char *git_directory, const char *const *place, size_t places)
{
	char path[PLACES_MAX][PATH_MAX], *root[PLACES_MAX + 1] = {NULL};
	struct locks locks = {0};
	FTSENT *file;
	FTS *walk;

	for (size_t i = 0; i < places && i < PLACES_MAX; i++) {
		snprintf(path[i], sizeof(path[i]), "%s%s", git_directory, place[i]);
		root[i] = path[i];
	}
	walk = fts_open(root, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	while (walk && (file = fts_read(walk))) {
		bool lock = file->fts_namelen > 5 &&
		            !strcmp(file->fts_name + file->fts_namelen - 5, ".lock");

		if (file->fts_info == FTS_F && (lock || file->fts_level == FTS_ROOTLEVEL))
			add(&locks, file->fts_path, file->fts_statp);
	}
	if (walk)
		fts_close(walk);
	return locks;
}

void leftover_locks(const char *git_directory)
{
	static const char *const own[] = {"refs/heads/task", "refs/arpkeeper"};
	/* packed-refs.new: git writes into that while it holds packed-refs.lock. */
	static const char *const shared[] = {
	        "refs/heads/merge", "refs/heads/main.lock", "refs/heads/alerts.lock",
	        "packed-refs.lock", "packed-refs.new",      "HEAD.lock",
	        "config.lock"};
	struct locks locks = find(git_directory, own, sizeof(own) / sizeof(own[0]));
	struct stat now;

	gitlock_clean_all(git_directory);
	for (size_t i = 0; i < locks.count; i++)
		if (unlink(locks.item[i].path) == 0)
			log_debug("%s was left by an agent that died: removed", locks.item[i].path);
	free(locks.item);
	locks = find(git_directory, shared, sizeof(shared) / sizeof(shared[0]));
	if (locks.count > 0)
		uv_sleep(PATIENCE_MS);
	for (size_t i = 0; i < locks.count; i++) {
		const struct lock *lock = &locks.item[i];

		if (stat(lock->path, &now) == 0 && same_file(&lock->status, &now) &&
		    unlink(lock->path) == 0)
			log_warning("%s was left by a process that died: removed", lock->path);
	}
	free(locks.item);
}
