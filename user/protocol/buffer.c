/* SPDX-License-Identifier: MIT */
/* Appends values in little-endian order. A failure is remembered, so that callers look once. */
#include "protocol/buffer.h"

#include <endian.h>
#include <stdlib.h>
#include <string.h>

#define IPV4_OCTETS 4

/* Where `length` bytes can be written; NULL: failed. */
static uint8_t *extend(struct buffer *buffer, size_t length)
{
	uint8_t *at;

	if (buffer->failed ||
	    array_reserve(&buffer->bytes, &buffer->room, buffer->length + length) < 0) {
		buffer->failed = true;
		return NULL;
	}
	at = buffer->bytes + buffer->length;
	buffer->length += length;
	return at;
}

void buffer_append(struct buffer *buffer, const void *bytes, size_t length)
{
	uint8_t *at = extend(buffer, length);

	if (at && length > 0)
		memcpy(at, bytes, length);
}

void buffer_u8(struct buffer *buffer, uint8_t value)
{
	buffer_append(buffer, &value, sizeof(value));
}

void buffer_u16(struct buffer *buffer, uint16_t value)
{
	value = htole16(value);
	buffer_append(buffer, &value, sizeof(value));
}

void buffer_u32(struct buffer *buffer, uint32_t value)
{
	value = htole32(value);
	buffer_append(buffer, &value, sizeof(value));
}

void buffer_u64(struct buffer *buffer, uint64_t value)
{
	value = htole64(value);
	buffer_append(buffer, &value, sizeof(value));
}

void buffer_u32_at(struct buffer *buffer, size_t at, uint32_t value)
{
	value = htole32(value);
	if (!buffer->failed)
		memcpy(buffer->bytes + at, &value, sizeof(value));
}

void buffer_address(struct buffer *buffer, struct address address)
{
	uint8_t octet[1 + ADDRESS_OCTETS], *from = octet;

	address_store(octet + 1, address);
	/* Of an IPv4 address the last four. */
	if (address_is_v4(address))
		from = octet + ADDRESS_OCTETS - IPV4_OCTETS;
	*from = (uint8_t)(octet + ADDRESS_OCTETS - from);
	buffer_append(buffer, from, 1 + (size_t)*from);
}

void buffer_text(struct buffer *buffer, const char *text)
{
	size_t length = text ? strlen(text) : 0;

	if (length > WIRE_TEXT_MAX) {
		buffer->failed = true;
		return;
	}
	buffer_u16(buffer, text ? (uint16_t)length : WIRE_NO_TEXT);
	if (text)
		buffer_append(buffer, text, length + 1);
}

void buffer_entry(struct buffer *buffer, const struct entry *entry, const char **origin)
{
	bool same = entry->origin && *origin && !strcmp(entry->origin, *origin);
	uint64_t since = htole64((uint64_t)entry->since);
	uint8_t *at = extend(buffer, 16);

	if (!at)
		return;
	memcpy(at, entry->mac.octet, 6);
	at[6] = (uint8_t)entry->state;
	memcpy(at + 7, &since, sizeof(since));
	at[15] = (uint8_t)((same            ? WIRE_SAME_ORIGIN
	                    : entry->origin ? WIRE_ORIGIN
	                                    : 0) |
	                   (entry->note ? WIRE_NOTE : 0) | (entry->extra ? WIRE_EXTRA : 0) |
	                   (entry->after ? WIRE_AFTER : 0) | (entry->router ? WIRE_ROUTER : 0));
	if (entry->after)
		buffer_u64(buffer, (uint64_t)entry->after);
	if (entry->origin && !same) {
		buffer_text(buffer, entry->origin);
		*origin = entry->origin;
	}
	if (entry->note)
		buffer_text(buffer, entry->note);
	if (entry->extra)
		buffer_text(buffer, entry->extra);
}

void buffer_drop(struct buffer *buffer, size_t bytes)
{
	buffer->length -= bytes;
	if (buffer->length > 0)
		memmove(buffer->bytes, buffer->bytes + bytes, buffer->length);
}

void buffer_clear(struct buffer *buffer)
{
	free(buffer->bytes);
	*buffer = (struct buffer){0};
}
