// SPDX-License-Identifier: MIT
/*
 * Cuts reflogs without the reference's lock, under which other processes append: a killed upkeep
 * would leave it, and block the writer. What is appended to the old file meanwhile is copied once
 * the new file is in place.
 */
#include "upkeep/reflog.h"

#include <errno.h>
#include <fcntl.h>
#include <fts.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "upkeep/join.h"

#define MANY (2 << 20) /* bytes; a longer log is cut */
#define KEPT (1 << 20)
#define HEX  40 /* digits of an id */

static int copy_rest(int to, int from)
{
	char buffer[1 << 16];
	ssize_t length;

	while ((length = read(from, buffer, sizeof(buffer))) > 0)
		if (write(to, buffer, (size_t)length) != length)
			return errno ? -errno : -EIO;
	return length < 0 ? -errno : 0;
}

/* The new file begins with the line at `offset`, without that line's previous value: it may name a
 * commit that is removed. */
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
	(void)own_remove(aside);
	to = own_open(aside, O_WRONLY | O_CREAT | O_EXCL | O_APPEND, 0644);
	if (to < 0)
		return to;
	/* The new file must have the same owner. If that is not allowed, the log stays. */
	if (fchmod(to, status->st_mode & 07777) < 0 ||
	    fchown(to, status->st_uid, status->st_gid) < 0) {
		close(to);
		(void)own_remove(aside);
		return 0;
	}
	if (offset < status->st_size)
		error = copy_first(to, from, offset);
	else if (lseek(from, offset, SEEK_SET) < 0)
		error = -errno;
	if (!error)
		error = durable_place(to, aside, path);
	if (!error)
		error = copy_rest(to, from);
	close(to);
	return error;
}

/* Where the first line begins that is at or after `least` and not older than `before`; the file's
 * size if there is no such line; -1: out of memory. */
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
	int from = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW), error = 0;
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

int reflog_expire(const char *git_directory, time_t before, struct fault *fault)
{
	char folder[PATH_MAX], *root[] = {folder, NULL};
	FTSENT *file;
	FTS *walk;
	int error = 0;

	snprintf(folder, sizeof(folder), "%slogs", git_directory);
	walk = fts_open(root, FTS_PHYSICAL | FTS_NOCHDIR, NULL);
	if (!walk)
		return fault_set(fault, -errno, "%s: %s", folder, strerror(errno));
	while (!error && (file = fts_read(walk))) {
		if (file->fts_info == FTS_F && file->fts_name[0] != '.')
			error = cut(git_directory, file->fts_path, 0, before, fault);
		else if (file->fts_info == FTS_DNR || file->fts_info == FTS_ERR)
			error = fault_set(fault, -file->fts_errno, "%s: %s", file->fts_path,
			                  strerror(file->fts_errno));
	}
	fts_close(walk);
	return error;
}
