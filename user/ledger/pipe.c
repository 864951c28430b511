/* SPDX-License-Identifier: MIT */
/* Bytes in and out. It knows frames, and not what they say. */
#include "ledger/pipe.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SOCKET_BYTES  (1 << 20) /* a recorder reads ahead while the keeper is busy */
#define RECEIVE_BYTES (256 << 10)

int pipe_open(struct pipe *pipe, int *other, struct fault *fault)
{
	int ends[2], bytes = SOCKET_BYTES;

	*pipe = (struct pipe){.socket = -1};
	if (inbox_init(&pipe->in) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) < 0) {
		inbox_clear(&pipe->in);
		return fault_set(fault, -errno, "a pair of sockets for the recorder: %s",
		                 strerror(errno));
	}
	/* Where the system allows less, it is less. */
	setsockopt(ends[0], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	setsockopt(ends[1], SOL_SOCKET, SO_SNDBUF, &bytes, sizeof(bytes));
	pipe->socket = ends[0];
	*other = ends[1];
	return 0;
}

void pipe_close(struct pipe *pipe)
{
	if (pipe->socket >= 0)
		close(pipe->socket);
	inbox_clear(&pipe->in);
	buffer_clear(&pipe->out);
	*pipe = (struct pipe){.socket = -1};
}

int pipe_put(struct pipe *pipe, const struct packet *packet)
{
	return packet_encode(&pipe->out, packet);
}

size_t pipe_waiting(const struct pipe *pipe)
{
	return pipe->out.length - pipe->sent;
}

int pipe_send(struct pipe *pipe)
{
	while (pipe->sent < pipe->out.length) {
		ssize_t sent = send(pipe->socket, pipe->out.bytes + pipe->sent,
		                    pipe->out.length - pipe->sent, MSG_NOSIGNAL | MSG_DONTWAIT);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			return 0;
		if (sent < 0)
			return -EPIPE;
		pipe->sent += (size_t)sent;
	}
	pipe->sent = pipe->out.length = 0;
	return 0;
}

int pipe_receive(struct pipe *pipe)
{
	/* Few bytes at a time stay in the processor's cache, and leave the loop its turns. */
	return inbox_receive(&pipe->in, pipe->socket, RECEIVE_BYTES, MSG_DONTWAIT);
}

void pipe_wait(const struct pipe *pipe, int timeout_ms)
{
	struct pollfd ready = {.fd = pipe->socket, .events = POLLIN};

	if (pipe_waiting(pipe) > 0)
		ready.events |= POLLOUT;
	(void)poll(&ready, 1, timeout_ms);
}
