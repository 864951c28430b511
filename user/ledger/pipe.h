/* SPDX-License-Identifier: MIT */
/* The keeper's end of a recorder's socket. It waits only in pipe_wait(). */
#ifndef USER_LEDGER_PIPE_H
#define USER_LEDGER_PIPE_H

#include "protocol/protocol.h"

struct pipe {
	int socket; /* -1: closed */
	struct buffer out;
	size_t sent; /* of `out` */
	struct inbox in;
};

/* Makes the pair; `other` is the recorder's end. */
int pipe_open(struct pipe *pipe, int *other, struct fault *fault);
void pipe_close(struct pipe *pipe);
/* Appends a message. 0 or an error of packet_encode(). */
int pipe_put(struct pipe *pipe, const struct packet *packet);
/* Bytes that could not be sent yet. */
size_t pipe_waiting(const struct pipe *pipe);
/* Sends what the socket takes. 0 or -EPIPE. */
int pipe_send(struct pipe *pipe);
/* Takes what has come. 1; 0: nothing; -EPIPE: the recorder has ended. */
int pipe_receive(struct pipe *pipe);
/* Waits until something comes, or can be sent. */
void pipe_wait(const struct pipe *pipe, int timeout_ms);
#endif
