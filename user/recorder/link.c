/* SPDX-License-Identifier: MIT */
/* Frames in and out. It knows nothing of what they say. */
#include "recorder/link.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

int link_init(struct link *link, int socket)
{
	*link = (struct link){.socket = socket};
	return inbox_init(&link->in) < 0 ? -ENOMEM : uv_mutex_init(&link->lock);
}

void link_clear(struct link *link)
{
	inbox_clear(&link->in);
	buffer_clear(&link->out);
	uv_mutex_destroy(&link->lock);
	close(link->socket);
}

/* All of it, however long it takes. The event loop has made the socket non-blocking. */
static int send_all(int socket, const uint8_t *bytes, size_t length)
{
	struct pollfd writable = {.fd = socket, .events = POLLOUT};

	while (length > 0) {
		ssize_t sent = send(socket, bytes, length, MSG_NOSIGNAL);

		if (sent < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
			(void)poll(&writable, 1, -1);
		else if (sent < 0 && errno != EINTR)
			return -EPIPE;
		if (sent < 0)
			continue;
		bytes += sent;
		length -= (size_t)sent;
	}
	return 0;
}

int link_send(struct link *link, const struct packet *packet)
{
	int error;

	uv_mutex_lock(&link->lock);
	link->out.length = 0;
	error = link->broken ? -EPIPE : packet_encode(&link->out, packet);
	if (!error)
		error = send_all(link->socket, link->out.bytes, link->out.length);
	/* Without this message the keeper would wait for ever: it must start another recorder. */
	if (error && !link->broken)
		(void)shutdown(link->socket, SHUT_RDWR);
	link->broken |= error != 0;
	uv_mutex_unlock(&link->lock);
	return error;
}

int link_receive(struct link *link, bool wait)
{
	return inbox_receive(&link->in, link->socket, SIZE_MAX, wait ? 0 : MSG_DONTWAIT);
}
