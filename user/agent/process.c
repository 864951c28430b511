/* SPDX-License-Identifier: MIT */
#include "agent/process.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define RUN_DIRECTORY "/run/arpkeeper"

int netns_enter(const char *name, struct fault *fault)
{
	char path[4096];
	int error = 0, descriptor;

	snprintf(path, sizeof(path), "%s%s", strchr(name, '/') ? "" : "/run/netns/", name);
	descriptor = open(path, O_RDONLY | O_CLOEXEC);
	if (descriptor < 0) {
		error = -errno;
		return fault_set(fault, error,
		                 "network namespace '%s': cannot open %s: %s; 'ip netns list' "
		                 "shows those there are",
		                 name, path, strerror(-error));
	}
	if (setns(descriptor, CLONE_NEWNET) < 0) {
		error = -errno;
		fault_set(fault, error, "network namespace '%s': cannot enter: %s%s", name,
		          strerror(-error),
		          error == -EPERM ? " (this needs root)" : " (is it a network namespace?)");
	}
	close(descriptor);
	return error;
}

#define LOCK_PATH 256

static char *lock_path(char path[LOCK_PATH], const char *instance)
{
	snprintf(path, LOCK_PATH, RUN_DIRECTORY "/%s.lock", instance);
	return path;
}

static bool is_file_of(const char *path, int descriptor)
{
	struct stat named, held;

	return stat(path, &named) == 0 && fstat(descriptor, &held) == 0 &&
	       named.st_ino == held.st_ino && named.st_dev == held.st_dev;
}

int instance_lock(const char *instance, int *out, struct fault *fault)
{
	/* A lock of the process: children would share one of flock(), and a child that was just
	 * forked outlives a killed agent by a moment, in which the next agent may start. */
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char path[LOCK_PATH], holder[32] = "";
	int descriptor, error;

	if (mkdir(RUN_DIRECTORY, 0755) && errno != EEXIST)
		return fault_set(fault, -errno, "%s: cannot make the folder: %s%s", RUN_DIRECTORY,
		                 strerror(errno), errno == EACCES ? " (this needs root)" : "");
	lock_path(path, instance);
again:
	descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);
	if (descriptor < 0)
		return fault_set(fault, -errno, "%s: cannot open: %s%s", path, strerror(errno),
		                 errno == EACCES ? " (this needs root)" : "");
	if (fcntl(descriptor, F_SETLK, &whole)) {
		error = -errno;
		if (error == -EACCES || error == -EAGAIN) {
			error = -EEXIST;
			if (read(descriptor, holder, sizeof(holder) - 1) < 0)
				holder[0] = '\0';
			holder[strcspn(holder, "\n")] = '\0';
			fault_set(fault, error,
			          "instance '%s' has an agent already (process %s): stop it with "
			          "'arpkeeper stop', or give this one another --instance",
			          instance, holder[0] ? holder : "unknown");
		} else {
			fault_set(fault, error, "%s: cannot lock: %s", path, strerror(-error));
		}
		close(descriptor);
		return error;
	}
	/* Its last holder may have removed it between the two steps: then it locks nothing. */
	if (!is_file_of(path, descriptor)) {
		close(descriptor);
		goto again;
	}
	if (ftruncate(descriptor, 0) || dprintf(descriptor, "%d\n", (int)getpid()) < 0) {
		error = -errno;
		close(descriptor);
		return fault_set(fault, error, "%s: cannot write: %s", path, strerror(-error));
	}
	*out = descriptor;
	return 0;
}

pid_t instance_holder(const char *instance)
{
	struct flock whole = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
	char path[LOCK_PATH];
	int descriptor = open(lock_path(path, instance), O_RDONLY | O_CLOEXEC);
	pid_t holder = 0;

	if (descriptor < 0)
		return 0;
	if (fcntl(descriptor, F_GETLK, &whole) == 0 && whole.l_type != F_UNLCK)
		holder = whole.l_pid;
	close(descriptor);
	return holder;
}

void instance_unlock(const char *instance, int descriptor)
{
	char path[LOCK_PATH];

	if (descriptor < 0)
		return;
	/* Before the release: afterwards it may be another agent's. */
	unlink(lock_path(path, instance));
	close(descriptor);
}
