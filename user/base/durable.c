// SPDX-License-Identifier: MIT
/* Writes files in the order that survives a power cut. It removes only what it made. */
#include "base/durable.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* The disk starts with a piece while the next one is copied. */
#define PIECE ((ssize_t)8 << 20)

static int failed(const char *path, int error, struct fault *fault)
{
	return error ? fault_set(fault, error, "%s: %s", path, strerror(-error)) : 0;
}

int durable_write(int descriptor, const void *bytes, size_t size)
{
	const char *at = bytes;

	while (size > 0) {
		ssize_t written = write(descriptor, at, size < PIECE ? size : PIECE);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return -errno;
		if (written == PIECE &&
		    sync_file_range(descriptor, 0, 0, SYNC_FILE_RANGE_WRITE) < 0 && errno != ENOSYS)
			return -errno;
		at += written;
		size -= (size_t)written;
	}
	return 0;
}

int durable_create(const char *path, mode_t mode, const void *bytes, size_t size,
                   struct fault *fault)
{
	int descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode), error;

	if (descriptor < 0)
		return failed(path, -errno, fault);
	error = durable_write(descriptor, bytes, size);
	if (!error && fsync(descriptor) < 0)
		error = -errno;
	if (close(descriptor) < 0 && !error)
		error = -errno;
	if (error)
		unlink(path);
	return failed(path, error, fault);
}

int durable_place(int descriptor, const char *aside, const char *path)
{
	return fsync(descriptor) < 0 || rename(aside, path) < 0 ? -errno : 0;
}

/* `aside` is on the disk, and becomes `path`; or it is removed. */
static int place(const char *aside, const char *path, struct fault *fault)
{
	const char *slash = strrchr(path, '/');
	char folder[PATH_MAX];

	if (rename(aside, path) < 0) {
		int error = -errno;

		unlink(aside);
		return failed(path, error, fault);
	}
	snprintf(folder, sizeof(folder), "%.*s", slash ? (int)(slash + 1 - path) : 1,
	         slash ? path : ".");
	return sync_folder(folder, fault);
}

int durable_replace(const char *aside, const char *path, mode_t mode, const void *bytes,
                    size_t size, struct fault *fault)
{
	int error = durable_create(aside, mode, bytes, size, fault);

	return error ? error : place(aside, path, fault);
}

int durable_move(const char *aside, const char *path, struct fault *fault)
{
	int error = failed(aside, sync_path(aside), fault);

	return error ? error : place(aside, path, fault);
}

int sync_path(const char *path)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC), error = 0;

	if (descriptor < 0 || fsync(descriptor) < 0)
		error = -errno;
	if (descriptor >= 0)
		close(descriptor);
	return error;
}

int sync_folder(const char *path, struct fault *fault)
{
	return failed(path, sync_path(path), fault);
}
