// SPDX-License-Identifier: MIT
/* A set of addresses, by an id map. Knows nothing else of them. */
#include "format/addresses.h"

#include <errno.h>
#include <string.h>

static uint64_t key_of(unsigned segment, uint32_t address)
{
	return (uint64_t)segment << 32 | address;
}

bool addresses_have(const struct addresses *set, unsigned segment, uint32_t address)
{
	uint64_t key = key_of(segment, address);

	return set->keys.count > 0 && idmap_find(&set->keys, &key) != IDMAP_NONE;
}

int addresses_add(struct addresses *set, unsigned segment, uint32_t address)
{
	uint64_t key = key_of(segment, address);

	set->keys.key_size = sizeof(key);
	return idmap_add(&set->keys, NULL, &key) < 0 ? -ENOMEM : 0;
}

bool addresses_next(const struct addresses *set, uint32_t *cursor, unsigned *segment,
                    uint32_t *address)
{
	uint64_t key;

	if (*cursor == set->keys.count)
		return false;
	memcpy(&key, idmap_key(&set->keys, (*cursor)++), sizeof(key));
	*segment = (unsigned)(key >> 32);
	*address = (uint32_t)key;
	return true;
}

void addresses_empty(struct addresses *set)
{
	idmap_empty(&set->keys);
}

void addresses_clear(struct addresses *set)
{
	idmap_clear(&set->keys);
}
