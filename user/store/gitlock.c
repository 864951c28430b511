// SPDX-License-Identifier: MIT
/* Takes git's locks, and releases them. */
#include "store/gitlock.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "pack/pack.h"
#include "store/refnames.h"

#define ASIDE      PACK_FOLDER "/taking" /* a file that only this process uses */
#define HOST_MAX   256
#define STEP       10    /* milliseconds between two tries: git's own way with its locks */
#define LEFT_AFTER 3600  /* seconds: of a lock that is held for milliseconds */
#define STALE_S    10    /* seconds: of a lock that git holds for a moment */
#define GC_AFTER   43200 /* git's own: a gc.pid older than that is not believed */

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
	FILE *file = own_stream(path, "r");
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

/* The lock is a second name of a complete file, so that it always has its text. */
static int make(const char *path, const char *aside, struct fault *fault)
{
	char text[HOST_MAX + 32];
	int descriptor, error = 0;
	size_t length;

	describe_us(text);
	length = strlen(text);
	(void)own_remove(aside);
	descriptor = own_open(aside, O_WRONLY | O_CREAT | O_EXCL, 0644);
	if (descriptor < 0)
		return own_fault(fault, descriptor, aside);
	if (write(descriptor, text, length) != (ssize_t)length)
		error = fault_set(fault, -EIO, "%s cannot be written", aside);
	else if (link(aside, path) < 0)
		error = errno == EEXIST ? -EALREADY
		        : errno == EPERM
		                ? -EOPNOTSUPP /* a file system without second names */
		                : fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	close(descriptor);
	(void)own_remove(aside);
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

long gitlock_stale(const char *git_directory, char path[PATH_MAX])
{
	static const char *const locks[] = {MAIN_REF, APPLIED_REF, "packed-refs", "HEAD", "config"};
	struct stat status;

	for (size_t i = 0; i < sizeof(locks) / sizeof(locks[0]); i++) {
		long age;

		snprintf(path, PATH_MAX, "%s%s.lock", git_directory, locks[i]);
		age = stat(path, &status) == 0 ? (long)(time(NULL) - status.st_mtime) : -1;
		if (age >= STALE_S)
			return age;
	}
	return -1;
}
