/* SPDX-License-Identifier: MIT */
/*
 * Asks the kernel who connected. The lists of users and groups on this machine do not count: they
 * are slow to read, and say nothing of a process that has dropped a group.
 */
#include "control/standing.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#define ORDINARY_GROUPS 64 /* more are read into memory of their own */

static bool has(const gid_t *group, size_t count, gid_t wanted)
{
	for (size_t i = 0; i < count; i++)
		if (group[i] == wanted)
			return true;
	return false;
}

/* Whether the peer has the group among its supplementary ones. */
static bool has_supplementary(int descriptor, gid_t wanted)
{
	gid_t some[ORDINARY_GROUPS], *all;
	socklen_t length = sizeof(some);
	bool found;

	if (getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, some, &length) == 0)
		return has(some, length / sizeof(gid_t), wanted);
	if (errno != ERANGE) /* also ENOPROTOOPT, before Linux 4.13 */
		return false;
	/* The kernel has put the size that it needs into `length`. */
	all = malloc(length);
	found = all && getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, all, &length) == 0 &&
	        has(all, length / sizeof(gid_t), wanted);
	free(all);
	return found;
}

int standing_read(enum standing *standing, uid_t *uid, int descriptor, gid_t operators)
{
	struct ucred peer;
	socklen_t length = sizeof(peer);

	if (getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &peer, &length) < 0)
		return -errno;
	*uid = peer.uid;
	if (peer.uid == 0 || peer.uid == geteuid())
		*standing = STANDING_ROOT;
	else if (operators != NO_GROUP &&
	         (peer.gid == operators || has_supplementary(descriptor, operators)))
		*standing = STANDING_OPERATOR;
	else
		*standing = STANDING_USER;
	return 0;
}
