/* SPDX-License-Identifier: MIT */
/*
 * The place where the control socket listens: its directory, a stale socket that a killed process
 * left, and a live one that belongs to another. It accepts no connection.
 */
#include "control/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/fsuid.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* Makes the socket's directory, and the missing ones above it, each 0755. */
static int directory_make(const char *socket_path, char *directory, size_t size,
                          struct fault *fault)
{
	char *slash, *part;

	snprintf(directory, size, "%s", socket_path);
	slash = strrchr(directory, '/');
	if (!slash) {
		snprintf(directory, size, ".");
		return 0;
	}
	if (slash == directory) {
		slash[1] = '\0';
		return 0;
	}
	*slash = '\0';
	for (part = directory + 1; part; part = part ? part + 1 : NULL) {
		int made;

		part = strchr(part, '/');
		if (part)
			*part = '\0';
		made = mkdir(directory, 0755);
		if (made == 0)
			made = chmod(directory, 0755); /* whatever the umask */
		if (made < 0 && errno != EEXIST)
			return fault_set(fault, -errno,
			                 "cannot make directory %s for the control socket: %s",
			                 directory, strerror(errno));
		if (part)
			*part = '/';
	}
	return 0;
}

static int refuse(struct fault *fault, const char *path, int error)
{
	return fault_set(fault, -error, "control socket %s: %s", path, strerror(error));
}

/* Whether the path is free. Removes a socket on which no process listens, and nothing else. */
static int path_clear(const struct sockaddr_un *address, struct fault *fault)
{
	const char *path = address->sun_path;
	struct stat status;
	int probe, error;

	if (lstat(path, &status) < 0)
		return errno == ENOENT ? 0 : refuse(fault, path, errno);
	if (!S_ISSOCK(status.st_mode))
		return fault_set(fault, -EEXIST,
		                 "control socket %s: another file is there: remove it, or set "
		                 "agent.control",
		                 path);
	probe = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (probe < 0)
		return refuse(fault, path, errno);
	error = connect(probe, (const struct sockaddr *)address, sizeof(*address)) < 0 ? errno : 0;
	close(probe);
	if (error == 0 || error == EAGAIN) /* EAGAIN: its backlog is full, so it is alive */
		return fault_set(fault, -EADDRINUSE,
		                 "control socket %s: another agent listens there: stop it with "
		                 "'arpkeeper stop', or set agent.control",
		                 path);
	if (error != ECONNREFUSED)
		return refuse(fault, path, error);
	if (unlink(path) < 0 && errno != ENOENT)
		return fault_set(fault, -errno, "cannot remove the stale control socket %s: %s",
		                 path, strerror(errno));
	return 0;
}

int listener_open(struct listener *listener, const char *path, mode_t mode, struct fault *fault)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	char directory[sizeof(address.sun_path)];
	struct stat status;
	int error, lock;

	listener->descriptor = -1;
	if (strlen(path) >= sizeof(address.sun_path))
		return fault_set(fault, -ENAMETOOLONG,
		                 "control socket %s: the path of a socket has at most %zu bytes",
		                 path, sizeof(address.sun_path) - 1);
	strcpy(address.sun_path, path);
	strcpy(listener->path, path);
	error = directory_make(path, directory, sizeof(directory), fault);
	if (error < 0)
		return error;
	/* The directory's lock: when two start at once, neither takes the other's new socket for a
	 * stale one. */
	lock = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (lock < 0 || flock(lock, LOCK_EX) < 0) {
		error = fault_set(fault, -errno, "cannot lock directory %s: %s", directory,
		                  strerror(errno));
		goto out;
	}
	error = path_clear(&address, fault);
	if (error < 0)
		goto out;
	listener->descriptor = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (listener->descriptor < 0 ||
	    bind(listener->descriptor, (const struct sockaddr *)&address, sizeof(address)) < 0) {
		error = -errno;
		goto refused;
	}
	/* Before it listens, no client can connect. */
	if (chmod(path, mode) < 0 || listen(listener->descriptor, LISTENER_BACKLOG) < 0 ||
	    stat(path, &status) < 0) {
		error = -errno;
		unlink(path);
		goto refused;
	}
	listener->device = status.st_dev;
	listener->inode = status.st_ino;
	goto out;
refused:
	fault_set(fault, error, "cannot listen on control socket %s: %s", path, strerror(-error));
	if (listener->descriptor >= 0)
		close(listener->descriptor);
	listener->descriptor = -1;
out:
	if (lock >= 0)
		close(lock);
	return error;
}

/* Its owner may give a file to a group that it is in: so CAP_SETGID is enough, without CAP_CHOWN.
 */
int listener_admit(const struct listener *listener, gid_t group)
{
	int error = 0;

	setfsgid(group);
	if (lchown(listener->path, (uid_t)-1, group) < 0 || chmod(listener->path, 0660) < 0)
		error = -errno;
	setfsgid(getegid());
	return error;
}

void listener_remove(const struct listener *listener)
{
	struct stat status;

	if (stat(listener->path, &status) == 0 && status.st_dev == listener->device &&
	    status.st_ino == listener->inode)
		unlink(listener->path);
}
