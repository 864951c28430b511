/* SPDX-License-Identifier: MIT */
/* Bytes that grow: numbers, texts and entries of a message, as docs/recorder-protocol.md has them.
 */
#ifndef USER_PROTOCOL_BUFFER_H
#define USER_PROTOCOL_BUFFER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "entry/entry.h"

struct buffer {
	uint8_t *bytes; /* owned */
	size_t length, room;
	bool failed; /* out of memory, or a text was too long: what it holds is worthless */
};

#define WIRE_TEXT_MAX 8191   /* bytes of a text */
#define WIRE_NO_TEXT  0xffff /* in place of a length: the text is absent */

/* Which texts of an entry follow it. */
enum {
	WIRE_ORIGIN = 1,
	WIRE_NOTE = 2,
	WIRE_EXTRA = 4,
	WIRE_SAME_ORIGIN = 8, /* the origin is that of the entry before, in the same message */
	WIRE_AFTER = 16,      /* not a text: `after`, u64, before the texts */
	WIRE_ROUTER = 32,     /* nothing follows: the entry has the role */
};

void buffer_u8(struct buffer *buffer, uint8_t value);
void buffer_u16(struct buffer *buffer, uint16_t value);
void buffer_u32(struct buffer *buffer, uint32_t value);
void buffer_u64(struct buffer *buffer, uint64_t value);
/* Of either family: how many octets it has, 4 or 16, and these in wire order. */
void buffer_address(struct buffer *buffer, struct address address);
/* NULL: absent. */
void buffer_text(struct buffer *buffer, const char *text);
/* `origin`: that of the entry before, which this call updates; NULL at the beginning. */
void buffer_entry(struct buffer *buffer, const struct entry *entry, const char **origin);
/* Overwrites four bytes. */
void buffer_u32_at(struct buffer *buffer, size_t at, uint32_t value);
/* Drops the first bytes. */
void buffer_drop(struct buffer *buffer, size_t bytes);
void buffer_append(struct buffer *buffer, const void *bytes, size_t length);
void buffer_clear(struct buffer *buffer);

#endif
