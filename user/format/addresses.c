// SPDX-License-Identifier: MIT
/* A set of addresses, by open addressing. Knows nothing else of them. */
#include "format/addresses.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

static uint64_t key_of(unsigned segment, uint32_t address)
{
	return ((uint64_t)segment << 32 | address) + 1;
}

static uint64_t *find(const struct addresses *set, uint64_t key)
{
	size_t mask = set->size - 1, at = (size_t)(key * 0x9e3779b97f4a7c15ULL >> 32) & mask;

	while (set->key[at] && set->key[at] != key)
		at = (at + 1) & mask;
	return &set->key[at];
}

bool addresses_have(const struct addresses *set, unsigned segment, uint32_t address)
{
	return set->count > 0 && *find(set, key_of(segment, address)) != 0;
}

static int grow(struct addresses *set)
{
	struct addresses grown = {.size = set->size ? 2 * set->size : 16, .count = set->count};

	grown.key = calloc(grown.size, sizeof(*grown.key));
	if (!grown.key)
		return -ENOMEM;
	for (size_t i = 0; i < set->size; i++)
		if (set->key[i])
			*find(&grown, set->key[i]) = set->key[i];
	free(set->key);
	*set = grown;
	return 0;
}

int addresses_add(struct addresses *set, unsigned segment, uint32_t address)
{
	uint64_t *place;

	if (2 * (set->count + 1) > set->size && grow(set) < 0)
		return -ENOMEM;
	place = find(set, key_of(segment, address));
	set->count += *place == 0;
	*place = key_of(segment, address);
	return 0;
}

bool addresses_next(const struct addresses *set, size_t *cursor, unsigned *segment,
                    uint32_t *address)
{
	for (; *cursor < set->size; ++*cursor) {
		uint64_t key = set->key[*cursor] - 1;

		if (set->key[*cursor] == 0)
			continue;
		*segment = (unsigned)(key >> 32);
		*address = (uint32_t)key;
		++*cursor;
		return true;
	}
	return false;
}

void addresses_empty(struct addresses *set)
{
	if (set->count > 0)
		memset(set->key, 0, set->size * sizeof(*set->key));
	set->count = 0;
}

void addresses_clear(struct addresses *set)
{
	free(set->key);
	*set = (struct addresses){0};
}
