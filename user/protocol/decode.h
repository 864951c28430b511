/* SPDX-License-Identifier: MIT */
/*
 * Bytes become messages, as if an enemy had sent them. What comes out is within its bounds: counts,
 * enums, indexes of segments, addresses inside their segment, entries that the parser would accept.
 *
 *     while ((length = packet_length(bytes, available)) > 0)
 *             packet_decode(&packet, &from, bytes, length) ... packet_clear(&packet)
 *
 * A decoded message points into its bytes.
 */
#ifndef USER_PROTOCOL_DECODE_H
#define USER_PROTOCOL_DECODE_H

#include "protocol/packet.h"

struct packet_source {
	bool recorder; /* who sends: the recorder, or the keeper */
	const struct segment *segment;
	size_t segments;
};

/* The length of the frame that begins here, with its head. 0: it is not complete yet. -EPROTO: it
 * is longer than any frame. */
int packet_length(const char *bytes, size_t available);
/* A whole frame. 0, -EPROTO or -ENOMEM. */
int packet_decode(struct packet *packet, const struct packet_source *source, char *bytes,
                  size_t length);
void packet_clear(struct packet *packet);

#endif
