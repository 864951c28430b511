/* SPDX-License-Identifier: MIT */
/* Bytes in, frames out. It does not know what they say. */
#include "protocol/inbox.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "protocol/decode.h"
#include "protocol/packet.h"

#define ROOM (PACKET_HEAD + PACKET_MAX + (256 << 10))

int inbox_init(struct inbox *inbox)
{
	*inbox = (struct inbox){.bytes = malloc(ROOM)};
	return inbox->bytes ? 0 : -ENOMEM;
}

void inbox_clear(struct inbox *inbox)
{
	free(inbox->bytes);
	*inbox = (struct inbox){.bytes = NULL};
}

int inbox_receive(struct inbox *inbox, int socket, size_t few, int flags)
{
	size_t room;
	ssize_t length;

	if (inbox->begin > 0) {
		memmove(inbox->bytes, inbox->bytes + inbox->begin, inbox->end - inbox->begin);
		inbox->end -= inbox->begin;
		inbox->begin = 0;
	}
	room = inbox->end < few && few < ROOM ? few : ROOM;
	do
		length = recv(socket, inbox->bytes + inbox->end, room - inbox->end, flags);
	while (length < 0 && errno == EINTR);
	if (length < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return 0;
	if (length <= 0)
		return -EPIPE;
	inbox->end += (size_t)length;
	return 1;
}

int inbox_next(struct inbox *inbox, char **frame, size_t *length)
{
	int found = packet_length(inbox->bytes + inbox->begin, inbox->end - inbox->begin);

	*frame = NULL;
	if (found <= 0)
		return found;
	*frame = inbox->bytes + inbox->begin;
	*length = (size_t)found;
	inbox->begin += (size_t)found;
	return 0;
}
