// SPDX-License-Identifier: MIT
/* Arrays that grow. Knows nothing of their items. */
#include "base/array.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 16

int array_reserve_items(void **array, size_t *room, size_t count, size_t item_size)
{
	size_t larger = *room < FIRST_ROOM ? FIRST_ROOM : *room, bytes;
	void *held, *grown;

	if (count <= *room)
		return 0;
	while (larger < count && !__builtin_mul_overflow(larger, 2, &larger))
		;
	if (larger < count || __builtin_mul_overflow(larger, item_size, &bytes) ||
	    bytes > PTRDIFF_MAX)
		return -ENOMEM;
	/* A typed pointer must not be read through a void **. It may be copied. */
	memcpy(&held, array, sizeof(held));
	grown = realloc(held, bytes);
	if (!grown)
		return -ENOMEM;
	memcpy(array, &grown, sizeof(grown));
	*room = larger;
	return 0;
}
