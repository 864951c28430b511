/* SPDX-License-Identifier: MIT */
/*
 * Numbers keys of one size, such as object ids, in the order in which they are added: 0, 1, 2. The
 * number is an index into an array of the caller's, which holds what belongs to the key; a set
 * needs no such array.
 *
 *     struct idmap map = IDMAP(GIT_OID_RAWSZ);
 *     uint32_t number;
 *
 *     if (idmap_add(&map, &number, id->id) < 0)
 *             return -ENOMEM;
 *     for (number = 0; number < map.count; number++)
 *             use(idmap_key(&map, number));
 *     idmap_clear(&map);
 *
 * Keys are never removed one by one.
 */
#ifndef USER_BASE_IDMAP_H
#define USER_BASE_IDMAP_H

#include <stddef.h>
#include <stdint.h>

#define IDMAP_NONE UINT32_MAX

/* An empty map. A key has at least 8 bytes, the first of which choose its slot. */
#define IDMAP(size)                                                                                \
	{                                                                                          \
		.key_size = (size)                                                                 \
	}

struct idmap {
	size_t key_size;
	uint32_t count; /* keys */
	uint8_t *key;   /* by number; owned */
	size_t room;    /* bytes */
	uint32_t *slot; /* hash table of numbers, plus one; 0: free; owned */
	size_t slots;   /* a power of two, and at least twice the keys */
};

/* 1: the key is new; 0: it was there. -ENOMEM leaves the map as it was. `number` may be NULL. */
int idmap_add(struct idmap *map, uint32_t *number, const void *key);
/* The key's number, or IDMAP_NONE. */
uint32_t idmap_find(const struct idmap *map, const void *key);
/* Forgets all keys; the memory is kept for the next ones. */
void idmap_empty(struct idmap *map);
/* Forgets all keys, and frees the memory. */
void idmap_clear(struct idmap *map);

static inline const void *idmap_key(const struct idmap *map, uint32_t number)
{
	return map->key + number * map->key_size;
}

#endif
