/* SPDX-License-Identifier: MIT */
/* A listening Unix socket at a path, for the control socket. */
#ifndef USER_CONTROL_LISTENER_H
#define USER_CONTROL_LISTENER_H

#include <sys/types.h>
#include <sys/un.h>

#include "base/base.h"

/* Connections that wait to be accepted. A client that finds it full waits. */
#define LISTENER_BACKLOG 256

struct listener {
	int descriptor; /* non-blocking; the caller closes it */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	dev_t device; /* of the socket that was made: no other is removed */
	ino_t inode;
};

/* Listens at `path`; `mode`, such as 0666, says who may connect. Makes missing directories (0755).
 * Replaces a stale socket. -EADDRINUSE: another process listens there; -EEXIST: another kind of
 * file is there. On error, the descriptor is -1. */
int listener_open(struct listener *listener, const char *path, mode_t mode, struct fault *fault);
/* Lets members of the group connect, too. 0 or a negative errno. */
int listener_admit(const struct listener *listener, gid_t group);
/* Removes the socket, if it is still the one made here. Closes nothing. */
void listener_remove(const struct listener *listener);

#endif
