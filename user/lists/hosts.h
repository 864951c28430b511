/* SPDX-License-Identifier: MIT */
/* The names of a hosts(5) file, such as /etc/hosts. Asks no name server. */
#ifndef USER_LISTS_HOSTS_H
#define USER_LISTS_HOSTS_H

#include "wire/wire.h"

struct hosts {
	void *tree; /* by name */
};

/* Reads it, and skips bad lines, as resolvers do. hosts_clear() in any case. */
int hosts_read(struct hosts *hosts, const char *path, struct fault *fault);
/* The first IPv4 address that the file gives for a name, in upper or lower case; without one, the
 * first IPv6 address. */
bool hosts_find(const struct hosts *hosts, struct address *address, const char *name);
void hosts_clear(struct hosts *hosts);

#endif
