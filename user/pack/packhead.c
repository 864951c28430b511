// SPDX-License-Identifier: MIT
/* Numbers as packs hold them. Reads and writes memory only. */
#include "pack/packhead.h"

#include <endian.h>
#include <errno.h>
#include <string.h>

void packhead_put_pack(uint8_t at[PACK_HEADER], uint32_t objects)
{
	const uint32_t header[] = {htobe32(0x5041434b), htobe32(2), htobe32(objects)}; /* "PACK" */

	memcpy(at, header, PACK_HEADER);
}

/* The first byte holds the type and four bits of the size; each byte that follows, seven more. */
size_t packhead_put(uint8_t *at, enum packed_type type, uint64_t size)
{
	size_t length = 1;

	*at = (uint8_t)(type << 4 | (size & 15));
	for (size >>= 4; size > 0; size >>= 7) {
		*at++ |= 0x80;
		*at = (uint8_t)(size & 0x7f);
		length++;
	}
	return length;
}

/* Seven bits in each byte, the most significant first, and one added for each that follows. */
size_t packhead_put_distance(uint8_t *at, uint64_t distance)
{
	uint8_t byte[10];
	size_t length = 1;

	byte[sizeof(byte) - 1] = (uint8_t)(distance & 0x7f);
	while (distance >>= 7) {
		distance--;
		byte[sizeof(byte) - ++length] = (uint8_t)(0x80 | (distance & 0x7f));
	}
	memcpy(at, byte + sizeof(byte) - length, length);
	return length;
}

/* Behind the distance; NULL: not valid. */
static const uint8_t *get_distance(uint64_t *distance, const uint8_t *at, const uint8_t *end)
{
	if (at == end)
		return NULL;
	*distance = *at & 0x7f;
	while (*at++ & 0x80) {
		if (at == end || *distance >> 50)
			return NULL;
		*distance = (*distance + 1) << 7 | (*at & 0x7f);
	}
	return *distance > 0 ? at : NULL;
}

int packhead_get(struct packhead *head, const uint8_t *at, size_t length)
{
	const uint8_t *start = at, *end = at + length;
	unsigned shift = 4;

	if (at == end)
		return -EINVAL;
	*head = (struct packhead){.type = (*at >> 4) & 7, .size = *at & 15};
	while (*at++ & 0x80) {
		if (at == end || shift > 53)
			return -EINVAL;
		head->size |= (uint64_t)(*at & 0x7f) << shift;
		shift += 7;
	}
	if (head->type == PACKED_OFS_DELTA) {
		at = get_distance(&head->distance, at, end);
		if (!at)
			return -EINVAL;
	} else if (head->type == PACKED_REF_DELTA) {
		if (end - at < GIT_OID_RAWSZ)
			return -EINVAL;
		memcpy(head->id.id, at, GIT_OID_RAWSZ);
		at += GIT_OID_RAWSZ;
	} else if (head->type < PACKED_COMMIT || head->type > PACKED_TAG) {
		return -EINVAL;
	}
	head->length = (size_t)(at - start);
	return 0;
}
