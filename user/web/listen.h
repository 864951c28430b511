/* SPDX-License-Identifier: MIT */
/* The socket where browsers, or a proxy, connect: on a loopback address, or in the file system. */
#ifndef USER_WEB_LISTEN_H
#define USER_WEB_LISTEN_H

#include <sys/socket.h>

#include "base/base.h"

#define LISTEN_DEFAULT "127.0.0.1:9075"
#define LISTEN_TEXT    160

struct listen {
	union {
		struct sockaddr any;
		struct sockaddr_storage storage;
	} address;
	socklen_t length;
	bool local;             /* a Unix socket */
	char text[LISTEN_TEXT]; /* "http://127.0.0.1:9075/", or "unix:/path" */
};

/* "127.0.0.1:9075", "[::1]:9075", "localhost:9075" or "unix:/path". 0 or -EINVAL and a fault: also
 * for an address that is not loopback, since the page has no login. */
int listen_parse(struct listen *door, const char *text, struct fault *fault);
/* A descriptor that listens, or a negative errno and a fault. A stale Unix socket is replaced; its
 * mode is 0660, and `group` (-1: as it is) its group. */
int listen_open(struct listen *door, gid_t group, struct fault *fault);
/* Whether a request's Host names this listener: a page of another site whose name was made to
 * resolve to loopback is refused. `host` NULL: none was sent. */
bool listen_is_host(const struct listen *door, const char *host);

#endif
