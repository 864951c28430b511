/* SPDX-License-Identifier: MIT */
/* Frames in and out. It knows nothing of what they say. */
#include "recorder/link.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define IN_BYTES (PACKET_HEAD + PACKET_MAX + (256 << 10))

int link_init(struct link *link, int socket)
{
	*link = (struct link){.socket = socket, .in = malloc(IN_BYTES)};
	if (!link->in)
		return -ENOMEM;
	return uv_mutex_init(&link->lock);
}

void link_clear(struct link *link)
{
	free(link->in);
	buffer_clear(&link->out);
	uv_mutex_destroy(&link->lock);
	close(link->socket);
}

/* All of it, however long it takes. */
static int send_all(int socket, const uint8_t *bytes, size_t length)
{
	while (length > 0) {
		ssize_t sent = send(socket, bytes, length, MSG_NOSIGNAL);

		if (sent < 0 && errno == EINTR)
			continue;
		if (sent < 0)
			return -EPIPE;
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
	if (!error) {
		error = send_all(link->socket, link->out.bytes, link->out.length);
		link->broken = error != 0;
	}
	uv_mutex_unlock(&link->lock);
	return error;
}

int link_receive(struct link *link, bool wait)
{
	ssize_t length;

	if (link->begin > 0) {
		memmove(link->in, link->in + link->begin, link->end - link->begin);
		link->end -= link->begin;
		link->begin = 0;
	}
	do
		length = recv(link->socket, link->in + link->end, IN_BYTES - link->end,
		              wait ? 0 : MSG_DONTWAIT);
	while (length < 0 && errno == EINTR);
	if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	if (length <= 0)
		return -EPIPE;
	link->end += (size_t)length;
	return 1;
}

int link_next(struct link *link, char **frame, size_t *length)
{
	int found = packet_length(link->in + link->begin, link->end - link->begin);

	*frame = NULL;
	if (found <= 0)
		return found;
	*frame = link->in + link->begin;
	*length = (size_t)found;
	link->begin += (size_t)found;
	return 0;
}
