/* SPDX-License-Identifier: MIT */
/* What a client is to the server: a user who may read, an operator, or root. */
#ifndef USER_CONTROL_STANDING_H
#define USER_CONTROL_STANDING_H

#include <sys/types.h>

enum standing {
	STANDING_USER,     /* may read */
	STANDING_OPERATOR, /* a member of the operators' group: may change */
	STANDING_ROOT,     /* or the user that the server runs as: may change */
	STANDINGS
};

#define NO_GROUP ((gid_t)-1)

/* Of the process that connected, as it was then. 0 or a negative errno. */
int standing_read(enum standing *standing, uid_t *uid, int descriptor, gid_t operators);

#endif
