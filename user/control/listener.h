/* SPDX-License-Identifier: MIT */
/* A listening Unix socket at a path, for the control socket. */
#ifndef USER_CONTROL_LISTENER_H
#define USER_CONTROL_LISTENER_H

#include <sys/types.h>
#include <sys/un.h>

#include "base/base.h"

#define LISTENER_BACKLOG 64

struct listener {
	int descriptor; /* non-blocking; the caller closes it */
	char path[sizeof(((struct sockaddr_un *)0)->sun_path)];
	dev_t device; /* of the socket made, so that no other is removed */
	ino_t inode;
};

/* Listens at `path`, for everybody (0666). Makes missing directories (0755). Replaces a socket
 * that nobody listens on; -EADDRINUSE when somebody does, -EEXIST when it is no socket. */
int listener_open(struct listener *listener, const char *path, struct fault *fault);
/* Removes the socket, if it is still the one made here. Closes nothing. */
void listener_remove(const struct listener *listener);

#endif
