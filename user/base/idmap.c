// SPDX-License-Identifier: MIT
/*
 * A hash table with open addressing, beside an array of the keys. The slots hold numbers only, so
 * that they are small to clear and to grow.
 */
#include "base/idmap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/array.h"

#define FIRST_SLOTS 64

/* Where the key is, or would be. There are slots. */
static uint32_t *find_slot(const struct idmap *map, const void *key)
{
	size_t mask = map->slots - 1, at;
	uint64_t bits;

	memcpy(&bits, key, sizeof(bits));
	at = (size_t)(bits * UINT64_C(0x9e3779b97f4a7c15) >> 32) & mask;
	while (map->slot[at] && memcmp(idmap_key(map, map->slot[at] - 1), key, map->key_size) != 0)
		at = (at + 1) & mask;
	return &map->slot[at];
}

static int grow_slots(struct idmap *map)
{
	size_t slots = map->slots ? 2 * map->slots : FIRST_SLOTS;
	uint32_t *grown = calloc(slots, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	free(map->slot);
	map->slot = grown;
	map->slots = slots;
	for (uint32_t i = 0; i < map->count; i++)
		*find_slot(map, idmap_key(map, i)) = i + 1;
	return 0;
}

int idmap_add(struct idmap *map, uint32_t *number, const void *key)
{
	uint32_t *slot;
	int added;

	if (2 * ((size_t)map->count + 1) > map->slots && grow_slots(map) < 0)
		return -ENOMEM;
	slot = find_slot(map, key);
	added = *slot == 0;
	if (added) {
		if (map->count == IDMAP_NONE - 1 ||
		    array_reserve(&map->key, &map->room, (map->count + 1) * map->key_size) < 0)
			return -ENOMEM;
		memcpy(map->key + map->count * map->key_size, key, map->key_size);
		*slot = ++map->count;
	}
	if (number)
		*number = *slot - 1;
	return added;
}

uint32_t idmap_find(const struct idmap *map, const void *key)
{
	/* A free slot's 0 becomes IDMAP_NONE. */
	return map->slots ? *find_slot(map, key) - 1 : IDMAP_NONE;
}

void idmap_empty(struct idmap *map)
{
	if (map->count > 0)
		memset(map->slot, 0, map->slots * sizeof(*map->slot));
	map->count = 0;
}

void idmap_clear(struct idmap *map)
{
	free(map->key);
	free(map->slot);
	*map = (struct idmap){.key_size = map->key_size};
}
