// SPDX-License-Identifier: MIT
/* Opens files by their folder's descriptor. Follows no link, and mends nothing. */
#include "base/ownfile.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/durable.h"

/* Where the file's own name begins in its path. */
static const char *name_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

static int open_folder(const char *path, bool writing)
{
	int folder = open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC), error = errno;
	struct stat status;

	if (folder < 0) {
		bool link = lstat(path, &status) == 0 && S_ISLNK(status.st_mode);

		return link ? -ELOOP : -error;
	}
	if (fstat(folder, &status) < 0)
		error = -errno;
	else if (writing && ((status.st_uid != 0 && status.st_uid != geteuid()) ||
	                     (status.st_mode & (S_IWGRP | S_IWOTH))))
		error = -EPERM;
	else
		return folder;
	close(folder);
	return error;
}

/* The folder that a file is in. */
static int folder_of(const char *path, bool writing)
{
	size_t length = (size_t)(name_of(path) - path);
	char folder[PATH_MAX] = ".";

	if (length >= sizeof(folder))
		return -ENAMETOOLONG;
	/* Without the slash, which would follow a link. */
	if (length > 1) {
		memcpy(folder, path, length - 1);
		folder[length - 1] = '\0';
	} else if (length == 1) {
		strcpy(folder, "/");
	}
	return open_folder(folder, writing);
}

int own_folder(const char *path)
{
	int folder;

	if (mkdir(path, 0755) < 0 && errno != EEXIST)
		return -errno;
	folder = open_folder(path, true);
	if (folder < 0)
		return folder;
	close(folder);
	return 0;
}

int own_open(const char *path, int flags, mode_t mode)
{
	int folder = folder_of(path, (flags & O_ACCMODE) != O_RDONLY), file, error;

	if (folder < 0)
		return folder;
	file = openat(folder, name_of(path), flags | O_NOFOLLOW | O_CLOEXEC, mode);
	error = -errno;
	close(folder);
	return file < 0 ? error : file;
}

FILE *own_stream(const char *path, const char *mode)
{
	bool writing = *mode == 'w';
	int file, error = writing ? own_remove(path) : 0;
	FILE *stream;

	file = error && error != -ENOENT
	               ? error
	               : own_open(path, writing ? O_WRONLY | O_CREAT | O_EXCL : O_RDONLY, 0644);
	if (file < 0) {
		errno = -file;
		return NULL;
	}
	stream = fdopen(file, mode);
	if (!stream)
		close(file);
	return stream;
}

int own_begin(int *file, const char *path, mode_t mode, const void *bytes, size_t size,
              struct fault *fault)
{
	int error = own_remove(path);

	if (error && error != -ENOENT)
		return own_fault(fault, error, path);
	*file = own_open(path, O_WRONLY | O_CREAT | O_EXCL, mode);
	if (*file < 0)
		return own_fault(fault, *file, path);
	error = durable_write(*file, bytes, size);
	if (error) {
		close(*file);
		(void)own_remove(path);
		return own_fault(fault, error, path);
	}
	/* A hint: own_sync() waits for it, and says what failed. */
	(void)sync_file_range(*file, 0, 0, SYNC_FILE_RANGE_WRITE);
	return 0;
}

int own_sync(int file, const char *path, struct fault *fault)
{
	int error = fsync(file) < 0 ? -errno : 0;

	if (close(file) < 0 && !error)
		error = -errno;
	if (!error)
		return 0;
	(void)own_remove(path);
	return own_fault(fault, error, path);
}

int own_create(const char *path, mode_t mode, const void *bytes, size_t size, struct fault *fault)
{
	int file = -1, error = own_begin(&file, path, mode, bytes, size, fault);

	return error ? error : own_sync(file, path, fault);
}

int own_remove(const char *path)
{
	int folder = folder_of(path, true), error;

	if (folder < 0)
		return folder;
	error = unlinkat(folder, name_of(path), 0) < 0 ? -errno : 0;
	close(folder);
	return error;
}

int own_move(const char *path, const char *to)
{
	int folder = folder_of(path, true), error;

	if (folder < 0)
		return folder;
	error = renameat(folder, name_of(path), AT_FDCWD, to) < 0 ? -errno : 0;
	close(folder);
	return error;
}

int own_state(struct stat *status, const char *path)
{
	int folder = folder_of(path, false), error;

	if (folder < 0)
		return folder;
	error = fstatat(folder, name_of(path), status, AT_SYMLINK_NOFOLLOW) < 0 ? -errno : 0;
	close(folder);
	return error;
}

int own_fault(struct fault *fault, int error, const char *path)
{
	if (error == -ELOOP)
		return fault_set(fault, error,
		                 "%s: in its place, or in its folder's, is a symbolic link, which "
		                 "is not followed: remove the link",
		                 path);
	if (error == -EPERM)
		return fault_set(fault, error,
		                 "%s: its folder belongs to another user, or others may write it: "
		                 "see `ls -ld` of the folder; chown and chmod go-w mend it",
		                 path);
	return fault_set(fault, error, "%s: %s", path, strerror(-error));
}
