// SPDX-License-Identifier: MIT
/* Numbers as packs hold them. Writes to memory only. */
#include "pack/packhead.h"

#include <string.h>

/* Four bits of the size are in the first octet, beside the type, then seven in each. */
size_t packhead_put(uint8_t *at, unsigned type, uint64_t size)
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

/* Seven bits in each octet, the first the most significant, and one added for each that follows. */
size_t packhead_put_distance(uint8_t *at, uint64_t distance)
{
	uint8_t octet[10];
	size_t length = 1;

	octet[sizeof(octet) - 1] = (uint8_t)(distance & 0x7f);
	while (distance >>= 7) {
		distance--;
		octet[sizeof(octet) - ++length] = (uint8_t)(0x80 | (distance & 0x7f));
	}
	memcpy(at, octet + sizeof(octet) - length, length);
	return length;
}
