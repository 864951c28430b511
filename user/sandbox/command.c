// SPDX-License-Identifier: MIT
/* Looks at the program's file and at the folders on its way. Changes nothing. */
#include "sandbox/command.h"

#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static int check_owner(const char *path, const char *command, struct fault *fault)
{
	struct stat status;
	bool shared;

	if (stat(path, &status) < 0)
		return fault_set(fault, -errno, "%.400s: %s", path, strerror(errno));
	shared = S_ISDIR(status.st_mode) && status.st_mode & S_ISVTX;
	if (status.st_uid != 0 || (status.st_mode & (S_IWGRP | S_IWOTH) && !shared))
		return fault_set(fault, -EPERM,
		                 "%.200s: another user than root can write it, and so change what "
		                 "%.200s runs: make it root's, with `chmod go-w`",
		                 path, command);
	return 0;
}

int sandbox_check_command(const char *command, struct fault *fault)
{
	char real[PATH_MAX], part[PATH_MAX] = "/";
	struct stat status;
	int error;

	if (!realpath(command, real))
		return fault_set(fault, -errno, "%.400s: %s", command, strerror(errno));
	/* Who may change a link on the way is not looked at. */
	if (strcmp(real, command) != 0)
		return fault_set(fault, -EINVAL, "%.200s: the path has links: give %.200s", command,
		                 real);
	error = check_owner(part, command, fault);
	for (const char *end = real; *end && !error;) {
		end += 1 + strcspn(end + 1, "/");
		snprintf(part, sizeof(part), "%.*s", (int)(end - real), real);
		error = check_owner(part, command, fault);
	}
	if (error)
		return error;
	if (stat(real, &status) < 0 || !S_ISREG(status.st_mode) || access(real, X_OK) < 0)
		return fault_set(fault, -EACCES,
		                 "%.400s: it is not a program that the recorder's user may run",
		                 command);
	return 0;
}
