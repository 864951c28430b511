/* SPDX-License-Identifier: MIT */
/* What a socket has brought, a frame at a time: the same on both ends of the border. */
#ifndef USER_PROTOCOL_INBOX_H
#define USER_PROTOCOL_INBOX_H

#include <stddef.h>

struct inbox {
	char *bytes;       /* owned; room for the longest frame */
	size_t begin, end; /* of what was received and not yet taken */
};

/* 0 or -ENOMEM. */
int inbox_init(struct inbox *inbox);
void inbox_clear(struct inbox *inbox);
/* Receives once, with these flags of recv(). At most `few` bytes wait then, or more of a longer
 * frame. 1; 0: nothing is there; -EPIPE: the other end is closed. */
int inbox_receive(struct inbox *inbox, int socket, size_t few, int flags);
/* The next frame, which stays until the next inbox_receive(). 0 (NULL: none is complete), -EPROTO.
 */
int inbox_next(struct inbox *inbox, char **frame, size_t *length);

#endif
