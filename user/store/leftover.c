// SPDX-License-Identifier: MIT
/*
 * Git's lock files that a dead process left. Left there, they would block the next one forever.
 * Only called at start-up: while an agent runs, it reports such a lock to the operator instead.
 *
 * What else a dead process may leave, and what removes it:
 *
 *     file                                   made by            removed by
 *     <path>/arpkeeper.making, and all else  making.c           making_begin(), before it makes
 * anew <path>.incoming                        quarantine.c       the next quarantine_make()
 *     arpkeeper/incoming.pack, .idx          pack_write()       pack_clean(), at start-up
 *     objects/pack/pack-*.keep, our text     pack_protect()     pack_clean(), at start-up
 *     objects/pack/pack-*.keep, joined       a join of packs    the next upkeep, after 60 s
 *     arpkeeper/joining/pack-joined.*        a join of packs    the next upkeep
 *     gc.pid, gc.pid.lock,
 *     objects/pack/multi-pack-index.lock     a join of packs    gitlock_clean_all(): its holder
 * died objects/pack/pack-*.pack alone         moving packs in    upkeep, after an hour
 *     arpkeeper/pack-*.bases alone           pack_write()       upkeep, after an hour
 *     objects/pack/tmp_*                     git                upkeep, after a day
 */
#include "store/leftover.h"

#include <errno.h>
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

/* A place where locks are left: a file, or a folder with files NAME.lock at any depth. */
static const struct place {
	const char *path; /* below the git directory */
	bool shared;      /* other programs lock it, too: an unchanged lock is abandoned */
} places[] = {
        {"refs/heads/task", false},
        {"refs/arpkeeper", false},
        {"refs/heads/merge", true},
        {"refs/heads/main.lock", true},
        {"refs/heads/alerts.lock", true},
        {"packed-refs.lock", true},
        {"packed-refs.new", true}, /* git fills it while it holds packed-refs.lock */
        {"HEAD.lock", true},
        {"config.lock", true},
};

/* A lock, as it was when it was found. */
struct lock {
	char path[PATH_MAX];
	struct stat status;
	bool shared;
};

struct locks {
	struct lock *item; /* owned */
	size_t count, room;
	bool shared; /* one of them is */
};

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_size == b->st_size;
}

static void find(struct locks *locks, const char *git_directory, const struct place *place)
{
	char path[PATH_MAX], *root[] = {path, NULL};
	FTSENT *file;
	FTS *walk;

	snprintf(path, sizeof(path), "%s%s", git_directory, place->path);
	walk = fts_open(root, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	while (walk && (file = fts_read(walk))) {
		bool is_lock = file->fts_namelen > 5 &&
		               !strcmp(file->fts_name + file->fts_namelen - 5, ".lock");
		struct lock *lock;

		if (file->fts_info != FTS_F || (!is_lock && file->fts_level != FTS_ROOTLEVEL) ||
		    array_reserve(&locks->item, &locks->room, locks->count + 1))
			continue;
		lock = &locks->item[locks->count++];
		snprintf(lock->path, sizeof(lock->path), "%s", file->fts_path);
		lock->status = *file->fts_statp;
		lock->shared = place->shared;
		locks->shared |= place->shared;
	}
	if (walk)
		fts_close(walk);
}

void leftover_locks(const char *git_directory)
{
	struct locks locks = {0};
	struct stat now;

	gitlock_clean_all(git_directory);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		find(&locks, git_directory, &places[i]);
	if (locks.shared)
		uv_sleep(PATIENCE_MS);
	for (size_t i = 0; i < locks.count; i++) {
		const struct lock *lock = &locks.item[i];

		if (lock->shared && (stat(lock->path, &now) < 0 || !same_file(&lock->status, &now)))
			continue;
		if (unlink(lock->path) == 0)
			log_write(lock->shared ? LOG_LEVEL_WARNING : LOG_LEVEL_DEBUG,
			          "%s was left by %s that died: removed", lock->path,
			          lock->shared ? "a process" : "an agent");
	}
	free(locks.item);
}
