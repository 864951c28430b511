/* SPDX-License-Identifier: MIT */
/*
 * The recorder's end of the socket. Two threads send: the recorder's own, and history's, whose
 * PREPARED must be on its way before references move. Sending waits for the keeper; the keeper
 * never waits for the recorder. Only the recorder's own thread receives.
 */
#ifndef USER_RECORDER_LINK_H
#define USER_RECORDER_LINK_H

#include <uv.h>

#include "protocol/protocol.h"

struct link {
	int socket;
	uv_mutex_t lock;
	struct buffer out; /* under it */
	bool broken;       /* likewise: the connection has ended */
	struct inbox in;
};

int link_init(struct link *link, int socket);
void link_clear(struct link *link);
/* 0; -EPIPE: the keeper has gone; or the message cannot be encoded. */
int link_send(struct link *link, const struct packet *packet);
/* Waits for more bytes (`wait`), or takes what is there. 1; 0: nothing is there; -EPIPE: the end.
 */
int link_receive(struct link *link, bool wait);
#endif
