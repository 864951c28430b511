// SPDX-License-Identifier: MIT
/*
 * Cuts reflogs. Others append to them at any time, under the reference's lock. That lock is not
 * taken: killed with it, we would stop the agent. What is appended to the old file until the
 * new one takes its place follows afterwards.
 */
#include "upkeep/reflog.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "upkeep/join.h"

#define MANY       (2 << 20)
#define KEPT       (1 << 20)
#define HEX        40 /* digits of an id */
#define PATH_LIMIT 3000
#define DEPTH_MAX  32 /* of folders */

static int copy_rest(int to, int from)
{
	char buffer[1 << 16];
	ssize_t length;

	while ((length = read(from, buffer, sizeof(buffer))) > 0)
		if (write(to, buffer, (size_t)length) != length)
			return errno ? -errno : -EIO;
	return length < 0 ? -errno : 0;
}

/* The new file begins with the line at `offset`, whose previous value goes as well: it may name a
 * commit that is no more. */
static int copy_first(int to, int from, off_t offset)
{
	char zeros[HEX + 1];

	memset(zeros, '0', HEX);
	if (write(to, zeros, HEX) != HEX || lseek(from, offset + HEX, SEEK_SET) < 0)
		return errno ? -errno : -EIO;
	return copy_rest(to, from);
}

static int replace(const char *git_directory, const char *path, int from, const struct stat *status,
                   off_t offset)
{
	char aside[PATH_MAX];
	int to, error = 0;

	snprintf(aside, sizeof(aside), "%s" PACK_FOLDER "/reflog", git_directory);
	to = open(aside, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0666);
	if (to < 0)
		return -errno;
	/* Somebody else's, and we may not make it theirs again: it stays as it is. */
	if (fchmod(to, status->st_mode & 07777) < 0 ||
	    fchown(to, status->st_uid, status->st_gid) < 0) {
		close(to);
		unlink(aside);
		return 0;
	}
	if (offset < status->st_size)
		error = copy_first(to, from, offset);
	else if (lseek(from, offset, SEEK_SET) < 0)
		error = -errno;
	if (!error && (fsync(to) < 0 || rename(aside, path) < 0))
		error = -errno;
	if (!error)
		error = copy_rest(to, from);
	close(to);
	return error;
}

/* Where the first line begins that ends behind `least` and is not older than `before`; the file's
 * size: none. */
static off_t find_line(int descriptor, off_t least, time_t before)
{
	FILE *stream = fdopen(dup(descriptor), "re");
	char *line = NULL, *tab;
	size_t room = 0;
	ssize_t length;
	off_t at = 0;

	if (!stream)
		return -1;
	while ((length = getline(&line, &room, stream)) > 0) {
		/* "<old> <new> Name <mail> <seconds> <zone>\t<message>" */
		const char *mail;

		tab = strchr(line, '\t');
		if (tab)
			*tab = '\0';
		mail = strrchr(line, '>');
		if (at >= least && length > HEX && mail && strtoll(mail + 1, NULL, 10) >= before)
			break;
		at += length;
	}
	free(line);
	fclose(stream);
	return at;
}

static int cut(const char *git_directory, const char *path, off_t many, time_t before,
               struct fault *fault)
{
	int from = open(path, O_RDONLY | O_CLOEXEC), error = 0;
	struct stat status;
	off_t offset = 0;

	if (from < 0)
		return errno == ENOENT ? 0
		                       : fault_set(fault, -errno, "%s: %s", path, strerror(errno));
	if (fstat(from, &status) < 0 || !S_ISREG(status.st_mode) || status.st_size < many)
		goto out;
	offset = find_line(from, many ? status.st_size - KEPT : 0, before);
	if (offset < 0)
		error = -ENOMEM;
	else if (offset > 0)
		error = replace(git_directory, path, from, &status, offset);
	if (error)
		fault_set(fault, error, "%s cannot be cut: %s", path, strerror(-error));
out:
	close(from);
	return error;
}

int reflog_limit(const char *git_directory, const char *reference, struct fault *fault)
{
	char path[PATH_MAX];

	snprintf(path, sizeof(path), "%slogs/%s", git_directory, reference);
	return cut(git_directory, path, MANY, 0, fault);
}

static int expire_folder(const char *git_directory, const char *folder, time_t before,
                         unsigned depth, struct fault *fault)
{
	DIR *directory = opendir(folder);
	struct dirent *file;
	char path[PATH_LIMIT];
	int error = 0;

	if (!directory)
		return errno == ENOENT
		               ? 0
		               : fault_set(fault, -errno, "%s: %s", folder, strerror(errno));
	while (!error && (file = readdir(directory))) {
		if (file->d_name[0] == '.' ||
		    snprintf(path, sizeof(path), "%s/%s", folder, file->d_name) >= PATH_LIMIT)
			continue;
		if (file->d_type == DT_DIR && depth < DEPTH_MAX)
			error = expire_folder(git_directory, path, before, depth + 1, fault);
		else if (file->d_type == DT_REG)
			error = cut(git_directory, path, 0, before, fault);
	}
	closedir(directory);
	return error;
}

int reflog_expire(const char *git_directory, time_t before, struct fault *fault)
{
	char folder[PATH_MAX];

	snprintf(folder, sizeof(folder), "%slogs", git_directory);
	return expire_folder(git_directory, folder, before, 0, fault);
}
