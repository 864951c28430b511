/* SPDX-License-Identifier: MIT */
/* The names of a hosts(5) file, such as /etc/hosts. Asks no name server. */
#ifndef USER_LISTS_HOSTS_H
#define USER_LISTS_HOSTS_H

#include "wire/wire.h"

struct hosts {
	void *tree; /* by name */
};

/* Reads the IPv4 lines, and skips bad ones, as resolvers do. hosts_clear() in any case. */
int hosts_read(struct hosts *hosts, const char *path, struct fault *fault);
/* The first address that the file gives for a name, in upper or lower case. */
bool hosts_find(const struct hosts *hosts, struct address *address, const char *name);
void hosts_clear(struct hosts *hosts);

#endif
