// SPDX-License-Identifier: MIT
/*
 * Takes git's locks, and releases them. While an agent runs, it breaks no lock of another program,
 * and reports it to the operator. At start-up it removes what a dead process left.
 *
 * What else a dead process may leave, and what removes it:
 *
 *   <path>/arpkeeper.making, and all else   repository.c      making_begin(), before it makes anew
 *   <path>.incoming                         quarantine.c      the next quarantine_make()
 *   arpkeeper/incoming.pack, .idx           pack_write()      pack_clean(), at start-up
 *   objects/pack/pack-*.keep, our text      pack_protect()    pack_clean(), at start-up
 *   objects/pack/pack-*.keep, joined        a join of packs   the next upkeep, after 60 s
 *   arpkeeper/joining/pack-joined.*         a join of packs   the next upkeep
 *   gc.pid, gc.pid.lock                     a join of packs   gitlock_clean_all()
 *   objects/pack/multi-pack-index.lock      a join of packs   gitlock_clean_all()
 *   objects/pack/pack-*.pack alone          moving packs in   upkeep, after an hour
 *   arpkeeper/pack-*.bases alone            pack_write()      upkeep, after an hour
 *   objects/pack/tmp_*                      git               upkeep, after a day
 */
#include "store/gitlock.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>
#include <uv.h>

#include "pack/pack.h"

#define ASIDE       PACK_FOLDER "/taking" /* a file that only this process uses */
#define HOST_MAX    256
#define STEP        10    /* milliseconds between two tries: git's own way with its locks */
#define LEFT_AFTER  3600  /* seconds: of a lock that is held for milliseconds */
#define PATIENCE_MS 1000  /* at start-up */
#define GC_AFTER    43200 /* git's own: a gc.pid older than that is not believed */

struct holder {
	long pid;
	char host[HOST_MAX];
};

/* What git writes to gc.pid. */
static void describe_us(char text[HOST_MAX + 32])
{
	char host[HOST_MAX] = "unknown";

	(void)gethostname(host, sizeof(host) - 1);
	snprintf(text, HOST_MAX + 32, "%ld %s", (long)getpid(), host);
}

static bool read_holder(struct holder *holder, const char *path)
{
	FILE *file = fopen(path, "re");
	bool found;

	if (!file)
		return false;
	found = fscanf(file, "%ld %255s", &holder->pid, holder->host) == 2 && holder->pid > 0;
	fclose(file);
	return found;
}

/* Dead, but not reaped: in a container that can take the first process minutes. */
static bool is_zombie(long pid)
{
	char path[64], state = '\0';
	FILE *file;

	snprintf(path, sizeof(path), "/proc/%ld/stat", pid);
	file = fopen(path, "re");
	if (!file)
		return false;
	/* The name, in parentheses, may contain some itself: the last one ends it. */
	for (int c, last = '\0'; (c = getc(file)) != EOF; last = c)
		if (last == ')' && c == ' ')
			state = (char)getc(file);
	fclose(file);
	return state == 'Z' || state == 'X';
}

static bool is_alive(const struct holder *holder)
{
	char host[HOST_MAX] = "unknown";

	(void)gethostname(host, sizeof(host) - 1);
	if (strcmp(host, holder->host) != 0)
		return true;
	return (kill((pid_t)holder->pid, 0) == 0 || errno == EPERM) && !is_zombie(holder->pid);
}

static bool is_older(const char *path, int seconds)
{
	struct stat status;

	return stat(path, &status) == 0 && status.st_mtim.tv_sec + seconds < time(NULL);
}

void gitlock_clean(const char *path)
{
	struct holder holder;

	if (read_holder(&holder, path) && !is_alive(&holder))
		unlink(path);
}

void gitlock_clean_all(const char *git_directory)
{
	static const char *const lock[] = {GITLOCK_PACK_INDEX, "gc.pid.lock", "gc.pid"};
	char path[PATH_MAX];

	for (size_t i = 0; i < sizeof(lock) / sizeof(lock[0]); i++) {
		snprintf(path, sizeof(path), "%.2000s%s", git_directory, lock[i]);
		gitlock_clean(path);
	}
}

/* The lock is a second name of a complete file, so that it always has its text. */
static int make(const char *path, const char *aside, struct fault *fault)
{
	char text[HOST_MAX + 32];
	int descriptor, error = 0;
	size_t length;

	describe_us(text);
	length = strlen(text);
	unlink(aside);
	descriptor = open(aside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	if (descriptor < 0)
		return fault_set(fault, -errno, "%s: %s", aside, strerror(errno));
	if (write(descriptor, text, length) != (ssize_t)length)
		error = fault_set(fault, -EIO, "%s cannot be written", aside);
	else if (link(aside, path) < 0)
		error = errno == EEXIST ? -EALREADY
		        : errno == EPERM
		                ? -EOPNOTSUPP /* a file system without second names */
		                : fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	close(descriptor);
	unlink(aside);
	return error;
}

int gitlock_take(struct gitlock *lock, const char *git_directory, const char *name,
                 unsigned patience, struct fault *fault)
{
	const struct timespec step = {.tv_nsec = STEP * 1000000L};
	char path[PATH_MAX], aside[PATH_MAX];
	int error;

	snprintf(path, sizeof(path), "%.2000s%s", git_directory, name);
	snprintf(aside, sizeof(aside), "%.2000s" ASIDE, git_directory);
	lock->path[0] = '\0';
	gitlock_clean(path);
	while ((error = make(path, aside, fault)) == -EALREADY && patience >= STEP) {
		nanosleep(&step, NULL);
		patience -= STEP;
	}
	if (error == -EOPNOTSUPP || (error == -EALREADY && is_older(path, LEFT_AFTER)))
		return 0;
	if (!error)
		snprintf(lock->path, sizeof(lock->path), "%s", path);
	return error;
}

void gitlock_release(struct gitlock *lock)
{
	if (lock->path[0])
		unlink(lock->path);
	lock->path[0] = '\0';
}

int gitlock_take_gc(struct gitlock *lock, const char *git_directory, struct fault *fault)
{
	char file[PATH_MAX];
	struct holder holder;
	int error;

	snprintf(file, sizeof(file), "%.2000sgc.pid", git_directory);
	error = gitlock_take(lock, git_directory, "gc.pid.lock", 0, fault);
	if (error || !lock->path[0])
		return error;
	if (read_holder(&holder, file) && is_alive(&holder) && !is_older(file, GC_AFTER))
		error = -EALREADY;
	else if (rename(lock->path, file) < 0)
		error = fault_set(fault, -errno, "%s: %s", file, strerror(errno));
	if (error)
		gitlock_release(lock);
	else
		snprintf(lock->path, sizeof(lock->path), "%s", file);
	return error;
}

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
