// SPDX-License-Identifier: MIT
/*
 * The table of leftovers, and what proves that a file is one. While an agent runs, it breaks no
 * lock of another program, and reports it to the operator.
 *
 * Two more are no rows, because they are not in a git directory that is in use:
 *
 *   <path>/arpkeeper.making, and all else   repository.c   making_begin(), before it makes anew
 *   <path>.incoming                         quarantine.c   the next quarantine_make()
 */
#include "store/leftover.h"

#include <fnmatch.h>
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
#include "pack/pack.h"
#include "store/gitlock.h"
#include "store/heldlock.h"

#define REMOVED  "%s was left by a process that died: removed"
#define HOUR     3600
#define DAY      86400
#define STILL_MS 1000 /* a git command holds a lock for moments */

enum proof {
	LOCKED, /* by the caller's lock: only its holder makes such a file */
	HOLDER, /* the file names its process, which is dead */
	KEPT,   /* the file has our text, and no process keeps it (store/heldlock.h) */
	TEXT,   /* the file has our text, and see LOCKED */
	STILL,  /* it stays unchanged for STILL_MS; other programs make such files, too */
	AGED,   /* nothing has changed it for `seconds` */
};

static const struct leftover {
	const char *files; /* a pattern; '*' stands for '/', too */
	unsigned when;     /* one or more of enum leftover_when */
	enum proof proof;
	int seconds;
	const char *unless[2]; /* the same pack has a file with this suffix */
} leftovers[] = {
        /* pack_write() */
        {PACK_INCOMING ".pack", LEFTOVER_START, .proof = LOCKED},
        {PACK_INCOMING ".idx", LEFTOVER_START, .proof = LOCKED},
        {"objects/pack/pack-*.keep", LEFTOVER_START, .proof = TEXT},
        /* A join of packs. It moves in the pack first, and then the index. */
        {PACKOUT_FOLDER "/pack-" PACKOUT_NAME ".*", LEFTOVER_UPKEEP, .proof = LOCKED},
        {"objects/pack/pack-*.pack", LEFTOVER_UPKEEP, .proof = AGED, .seconds = HOUR,
         .unless = {"idx", "keep"}},
        {PACK_FOLDER "/pack-*.bases", LEFTOVER_UPKEEP, .proof = AGED, .seconds = HOUR,
         .unless = {"pack"}},
        {GITLOCK_PACK_INDEX, LEFTOVER_START | LEFTOVER_UPKEEP, .proof = HOLDER},
        {"gc.pid.lock", LEFTOVER_START | LEFTOVER_UPKEEP, .proof = HOLDER},
        {"gc.pid", LEFTOVER_START | LEFTOVER_UPKEEP, .proof = HOLDER},
        /* References and settings. Git and we fill packed-refs.new while we hold packed-refs.lock.
         * An exchange or upkeep that is killed leaves it to a recorder that goes on. */
        {"packed-refs.lock", LEFTOVER_START | LEFTOVER_UPKEEP | LEFTOVER_BUSY, .proof = KEPT},
        {PACK_FOLDER "/lock-*", LEFTOVER_UPKEEP, .proof = AGED, .seconds = HOUR},
        {"refs/heads/task/*.lock", LEFTOVER_START, .proof = LOCKED},
        {"refs/arpkeeper/*.lock", LEFTOVER_START, .proof = LOCKED},
        {"refs/heads/merge/*.lock", LEFTOVER_START, .proof = STILL},
        {"refs/heads/main.lock", LEFTOVER_START, .proof = STILL},
        {"refs/heads/alerts.lock", LEFTOVER_START, .proof = STILL},
        {"packed-refs.lock", LEFTOVER_START, .proof = STILL},
        {"packed-refs.new", LEFTOVER_START, .proof = STILL},
        {"HEAD.lock", LEFTOVER_START, .proof = STILL},
        {"config.lock", LEFTOVER_START, .proof = STILL},
        {"shallow.lock", LEFTOVER_START, .proof = STILL},
        /* Of references: git goes on with a log that is there, whatever the configuration says. */
        {"logs/*", LEFTOVER_START | LEFTOVER_UPKEEP, .proof = LOCKED},
        /* git itself */
        {"objects/pack/tmp_*", LEFTOVER_UPKEEP, .proof = AGED, .seconds = DAY},
};

/* A lock that may be another program's, as it was when it was found. */
struct lock {
	char path[PATH_MAX];
	struct stat status;
};

struct locks {
	struct lock *item; /* owned */
	size_t count, room;
};

static void take_away(const char *path, enum proof proof)
{
	if (unlink(path) == 0)
		log_write(proof == STILL ? LOG_LEVEL_WARNING : LOG_LEVEL_DEBUG, REMOVED, path);
}

/* Whether the pack that `file` belongs to has one of the files that make it no leftover. */
static bool is_needed(const struct leftover *leftover, const char *git_directory, const char *file)
{
	char name[PACK_NAME], packs[PATH_MAX];

	if (!leftover->unless[0])
		return false;
	if (!packplace_name(name, file, strrchr(file, '.') + 1))
		return true;
	snprintf(packs, sizeof(packs), "%.2000sobjects/pack", git_directory);
	return packplace_has(packs, name, leftover->unless[0]) ||
	       (leftover->unless[1] && packplace_has(packs, name, leftover->unless[1]));
}

static void judge(const struct leftover *leftover, const FTSENT *file, int64_t now,
                  struct locks *locks)
{
	struct lock *lock;

	if (leftover->proof == HOLDER) {
		gitlock_clean(file->fts_path);
	} else if (leftover->proof == KEPT) {
		if (heldlock_clean(file->fts_path))
			log_write(LOG_LEVEL_INFO, REMOVED, file->fts_path);
	} else if (leftover->proof == STILL) {
		if (array_reserve(&locks->item, &locks->room, locks->count + 1))
			return;
		lock = &locks->item[locks->count++];
		snprintf(lock->path, sizeof(lock->path), "%s", file->fts_path);
		lock->status = *file->fts_statp;
	} else if (leftover->proof == LOCKED ||
	           (leftover->proof == TEXT && pack_keep_is_ours(file->fts_path)) ||
	           (leftover->proof == AGED &&
	            file->fts_statp->st_ctim.tv_sec + leftover->seconds < now)) {
		take_away(file->fts_path, leftover->proof);
	}
}

static void find(const struct leftover *leftover, const char *git_directory, int64_t now,
                 struct locks *locks)
{
	size_t fixed = strcspn(leftover->files, "*"), above = strlen(git_directory);
	char path[PATH_MAX], *root[] = {path, NULL};
	FTSENT *file;
	FTS *walk;

	snprintf(path, sizeof(path), "%s%.*s", git_directory, (int)fixed, leftover->files);
	if (leftover->files[fixed])
		*strrchr(path, '/') = '\0';
	walk = fts_open(root, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	while (walk && (file = fts_read(walk)))
		if (file->fts_info == FTS_F &&
		    fnmatch(leftover->files, file->fts_path + above, 0) == 0 &&
		    !is_needed(leftover, git_directory, file->fts_name))
			judge(leftover, file, now, locks);
	if (walk)
		fts_close(walk);
}

static bool same_file(const struct stat *a, const struct stat *b)
{
	return a->st_ino == b->st_ino && a->st_mtim.tv_sec == b->st_mtim.tv_sec &&
	       a->st_mtim.tv_nsec == b->st_mtim.tv_nsec && a->st_size == b->st_size;
}

void leftover_remove(const char *git_directory, enum leftover_when when, int64_t now)
{
	struct locks locks = {0};
	struct stat later;

	for (size_t i = 0; i < sizeof(leftovers) / sizeof(leftovers[0]); i++)
		if (leftovers[i].when & when)
			find(&leftovers[i], git_directory, now, &locks);
	if (locks.count)
		uv_sleep(STILL_MS);
	for (size_t i = 0; i < locks.count; i++)
		if (stat(locks.item[i].path, &later) == 0 &&
		    same_file(&locks.item[i].status, &later))
			take_away(locks.item[i].path, STILL);
	free(locks.item);
}
