// SPDX-License-Identifier: MIT
/* Takes a lock of git's, keeps it, and recognises one that nobody keeps. Waits for nothing. */
#include "store/heldlock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pack/pack.h"

#define ASIDE PACK_FOLDER "/lock-" /* and the thread that makes it */
#define OURS  "arpkeeper "         /* and the process, for people */
#define TEXT  64

static int open_aside(const char *aside, const char *git_directory)
{
	char folder[PATH_MAX];
	int file;

	(void)own_remove(aside);
	file = own_open(aside, O_WRONLY | O_CREAT | O_EXCL, 0644);
	if (file != -ENOENT)
		return file;
	snprintf(folder, sizeof(folder), "%.2000s" PACK_FOLDER, git_directory);
	file = own_folder(folder);
	return file < 0 ? file : own_open(aside, O_WRONLY | O_CREAT | O_EXCL, 0644);
}

/* A second name of a file that is complete and kept already. */
static int make(struct heldlock *lock, const char *git_directory, struct fault *fault)
{
	char aside[PATH_MAX], text[TEXT];
	int length = snprintf(text, sizeof(text), OURS "%ld\n", (long)getpid()), error = 0;

	snprintf(aside, sizeof(aside), "%.2000s" ASIDE "%ld", git_directory, (long)gettid());
	lock->file = open_aside(aside, git_directory);
	if (lock->file < 0)
		return own_fault(fault, lock->file, aside);
	if (write(lock->file, text, (size_t)length) != length ||
	    flock(lock->file, LOCK_EX | LOCK_NB) < 0)
		error = fault_set(fault, -EIO, "%s cannot be written", aside);
	else if (link(aside, lock->path) < 0)
		error = errno == EPERM
		                ? -EOPNOTSUPP
		                : fault_set(fault, -errno, "%s: %s", lock->path, strerror(errno));
	(void)own_remove(aside);
	if (error)
		close(lock->file);
	return error;
}

int heldlock_take(struct heldlock *lock, const char *git_directory, const char *name,
                  struct fault *fault)
{
	int error;

	snprintf(lock->path, sizeof(lock->path), "%.2000s%s", git_directory, name);
	error = make(lock, git_directory, fault);
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

/* The name may be a younger lock's, since the file was opened or made. */
static bool has_name(int file, const char *path)
{
	struct stat mine, there;

	return fstat(file, &mine) == 0 && stat(path, &there) == 0 && mine.st_dev == there.st_dev &&
	       mine.st_ino == there.st_ino;
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
