/* SPDX-License-Identifier: MIT */
/* Messages become bytes. */
#ifndef USER_PROTOCOL_ENCODE_H
#define USER_PROTOCOL_ENCODE_H

#include "protocol/buffer.h"
#include "protocol/packet.h"

/* Appends the message's frame. 0; -ENOMEM or -EMSGSIZE: the buffer is as it was. */
int packet_encode(struct buffer *buffer, const struct packet *packet);

#endif
