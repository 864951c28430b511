// SPDX-License-Identifier: MIT
/*
 * Takes a lock of git's, keeps it, and recognises one that nobody keeps. Waits for nothing.
 *
 * A lock is a second name of a file in PACK_FOLDER, which stays for the next one.
 */
#include "store/heldlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pack/pack.h"

#define ASIDE PACK_FOLDER "/lock-" /* and a number */
#define HELD  8                    /* at a time; more are made for one time */
#define OURS  "arpkeeper "         /* and the process, for people */
#define TEXT  64
#define TRIES 2 /* upkeep may remove an old file at that moment */

static int open_aside(const char *aside, const char *git_directory, int flags)
{
	char folder[PATH_MAX];
	int file = own_open(aside, O_RDWR | O_CREAT | flags, 0644);

	if (file != -ENOENT)
		return file;
	snprintf(folder, sizeof(folder), "%.2000s" PACK_FOLDER, git_directory);
	file = own_folder(folder);
	return file < 0 ? file : own_open(aside, O_RDWR | O_CREAT | flags, 0644);
}

/* The name may be another file's by now. */
static bool has_name(int file, const char *path)
{
	struct stat mine, there;

	return fstat(file, &mine) == 0 && stat(path, &there) == 0 && mine.st_dev == there.st_dev &&
	       mine.st_ino == there.st_ino;
}

/* Whether it is ours alone from now on. One with a second name was that of a process that died with
 * a lock, or its copy in a backup: it stays as it is, and its name becomes free. */
static bool is_free(int file, const char *aside)
{
	struct stat status;

	if (flock(file, LOCK_EX | LOCK_NB) < 0 || !has_name(file, aside) ||
	    fstat(file, &status) < 0)
		return false;
	if (status.st_nlink > 1)
		(void)own_remove(aside);
	return status.st_nlink == 1;
}

/* Of those that were made before: a new file costs up to a millisecond where there were many. */
static int open_used(char aside[PATH_MAX], const char *git_directory)
{
	int file;

	for (int i = 0; i < HELD; i++) {
		snprintf(aside, PATH_MAX, "%.2000s" ASIDE "%d", git_directory, i);
		file = open_aside(aside, git_directory, 0);
		if (file < 0)
			continue;
		if (is_free(file, aside))
			return file;
		close(file);
	}
	return -EBUSY;
}

static int open_new(char aside[PATH_MAX], const char *git_directory)
{
	int file;

	snprintf(aside, PATH_MAX, "%.2000s" ASIDE "of-%ld", git_directory, (long)gettid());
	(void)own_remove(aside);
	file = open_aside(aside, git_directory, O_EXCL);
	if (file >= 0 && !is_free(file, aside)) {
		close(file);
		return -EBUSY;
	}
	return file;
}

/* Also says since when it is held: its time of change is now. */
static int put_text(int file)
{
	char text[TEXT];
	int length = snprintf(text, sizeof(text), OURS "%ld\n", (long)getpid());

	return pwrite(file, text, (size_t)length, 0) == length && ftruncate(file, length) == 0
	               ? 0
	               : -EIO;
}

/* A second name of a file that is complete and kept already. */
static int make(struct heldlock *lock, const char *git_directory, struct fault *fault)
{
	char aside[PATH_MAX];
	bool used;
	int error = 0;

	lock->file = open_used(aside, git_directory);
	used = lock->file >= 0;
	if (!used)
		lock->file = open_new(aside, git_directory);
	if (lock->file < 0)
		return own_fault(fault, lock->file, aside);
	if (put_text(lock->file) < 0)
		error = fault_set(fault, -EIO, "%s cannot be written", aside);
	else if (link(aside, lock->path) < 0)
		error = errno == EPERM
		                ? -EOPNOTSUPP
		                : fault_set(fault, -errno, "%s: %s", lock->path, strerror(errno));
	else if (!has_name(lock->file, lock->path))
		error = unlink(lock->path) < 0 ? -errno : -ENOENT;
	if (!used)
		(void)own_remove(aside);
	if (error)
		close(lock->file);
	return error;
}

int heldlock_take(struct heldlock *lock, const char *git_directory, const char *name,
                  struct fault *fault)
{
	int error = 0;

	snprintf(lock->path, sizeof(lock->path), "%.2000s%s", git_directory, name);
	for (int i = 0; i < TRIES; i++) {
		error = make(lock, git_directory, fault);
		if (error != -ENOENT)
			break;
	}
	if (error == -EOPNOTSUPP) {
		/* A file system without second names: as git does it. */
		lock->file = open(lock->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
		error = lock->file >= 0
		                ? 0
		                : fault_set(fault, -errno, "%s: %s", lock->path, strerror(errno));
	}
	if (error)
		lock->file = -1;
	return error;
}

void heldlock_release(struct heldlock *lock)
{
	if (lock->file < 0)
		return;
	if (has_name(lock->file, lock->path))
		unlink(lock->path);
	close(lock->file);
	lock->file = -1;
}

static bool is_ours(int file)
{
	char text[sizeof(OURS)] = "";

	return pread(file, text, sizeof(OURS) - 1, 0) == sizeof(OURS) - 1 && !strcmp(text, OURS);
}

bool heldlock_clean(const char *path)
{
	int file = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char new[PATH_MAX];
	bool removed = false;

	if (file < 0)
		return false;
	/* From here on nobody else removes it, and while it is there nobody makes another. */
	if (is_ours(file) && flock(file, LOCK_EX | LOCK_NB) == 0 && has_name(file, path)) {
		/* Git makes this one only if there is none. */
		snprintf(new, sizeof(new), "%.*s.new", (int)(strrchr(path, '.') - path), path);
		unlink(new);
		removed = unlink(path) == 0;
	}
	close(file);
	return removed;
}
