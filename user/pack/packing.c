// SPDX-License-Identifier: MIT
/*
 * Objects in the form of gitformat-pack(5), appended to memory. Decides how an object is stored,
 * and nothing about which; writes no file.
 */
#include "pack/packing.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "pack/packdelta.h"
#include "pack/packhead.h"

/*
 * What deflating saves must be worth its time. Of an entry of 80 octets, half of them the digits
 * of addresses, it saves one octet in 5.5 us, thirty times what hashing takes; of a lone change's
 * commit a third in 10 us, as much as all else that the commit costs. Half of a tree is object
 * ids, which do not shrink: 51 us for a third of 10 KB, and most trees are whole only until packs
 * are joined (join.c), which also deflates what is worth it, in its own time.
 */
#define DEFLATE_FROM  1024
#define DEFLATE_LEVEL 1
#define STORED_LEVEL  0

#define HEADER_SIZE 12 /* "PACK", version, number of objects: filled in by pack_write() */
#define OFS_DELTA   6

static size_t hash_of(const git_oid *id)
{
	size_t hash;

	memcpy(&hash, id->id, sizeof(hash));
	return hash;
}

int packing_init(struct packing *packing, struct fault *fault)
{
	*packing = (struct packing){.serial = 1, .size = HEADER_SIZE, .slots = 1024};
	packing->slot = calloc(packing->slots, sizeof(*packing->slot));
	packing->compressor = libdeflate_alloc_compressor(DEFLATE_LEVEL);
	packing->stored = libdeflate_alloc_compressor(STORED_LEVEL);
	packing->decompressor = libdeflate_alloc_decompressor();
	if (packing->slot && packing->compressor && packing->stored && packing->decompressor)
		return 0;
	packing_clear(packing);
	return fault_set(fault, -ENOMEM, "out of memory");
}

void packing_clear(struct packing *packing)
{
	free(packing->bytes);
	free(packing->object);
	free(packing->base);
	free(packing->slot);
	libdeflate_free_compressor(packing->compressor);
	libdeflate_free_compressor(packing->stored);
	libdeflate_free_decompressor(packing->decompressor);
	*packing = (struct packing){0};
}

#define ROOM_KEPT (1 << 20)
#define ROOM_MOST (16 << 20)

void packing_restart(struct packing *packing)
{
	/* A burst's memory is given back when it is over, not between its packs: every page of it
	 * would be faulted in anew. */
	if (packing->room > ROOM_MOST ||
	    (packing->room > ROOM_KEPT && packing->size < packing->room / 8)) {
		free(packing->bytes);
		packing->bytes = NULL;
		packing->room = 0;
	}
	memset(packing->slot, 0, packing->slots * sizeof(*packing->slot));
	packing->serial++;
	packing->size = HEADER_SIZE;
	packing->objects = 0;
	packing->bases = 0;
}

/* Where the id is in the hash table, or would be. */
static uint32_t *find_slot(const struct packing *packing, const git_oid *id)
{
	size_t mask = packing->slots - 1, at = hash_of(id) & mask;

	while (packing->slot[at] &&
	       memcmp(packing->object[packing->slot[at] - 1].id.id, id->id, GIT_OID_RAWSZ) != 0)
		at = (at + 1) & mask;
	return &packing->slot[at];
}

ssize_t packing_find(const struct packing *packing, const git_oid *id)
{
	return (ssize_t)*find_slot(packing, id) - 1;
}

static int grow_table(struct packing *packing)
{
	uint32_t *old = packing->slot, *grown = calloc(2 * packing->slots, sizeof(*grown));

	if (!grown)
		return -ENOMEM;
	free(old);
	packing->slot = grown;
	packing->slots *= 2;
	for (size_t i = 0; i < packing->objects; i++)
		*find_slot(packing, &packing->object[i].id) = (uint32_t)i + 1;
	return 0;
}

/* Room for `size` more octets and one more object. */
static int reserve(struct packing *packing, size_t size)
{
	if (packing->size + size > packing->room) {
		size_t room = 2 * (packing->size + size);
		uint8_t *grown = realloc(packing->bytes, room);

		if (!grown)
			return -ENOMEM;
		packing->bytes = grown;
		packing->room = room;
	}
	if (packing->objects == packing->objects_room) {
		size_t room = packing->objects_room ? 2 * packing->objects_room : 64;
		struct packed *grown = realloc(packing->object, room * sizeof(*grown));

		if (!grown)
			return -ENOMEM;
		packing->object = grown;
		packing->objects_room = room;
	}
	return 2 * (packing->objects + 1) > packing->slots ? grow_table(packing) : 0;
}

static struct libdeflate_compressor *compressor_for(const struct packing *packing,
                                                    git_object_t type, size_t size)
{
	bool deflate = size >= DEFLATE_FROM && type != GIT_OBJECT_TREE;

	return deflate ? packing->compressor : packing->stored;
}

/* `head` is the object's; what follows is deflated. */
static int append(struct packing *packing, const struct packed *object, const uint8_t *head,
                  size_t head_size, const void *data, size_t size, struct fault *fault)
{
	struct libdeflate_compressor *compressor = compressor_for(packing, object->type, size);
	size_t bound = libdeflate_zlib_compress_bound(compressor, size), used;
	struct packed *added;
	uint8_t *at;

	if (packing->size + head_size + bound > UINT32_MAX / 2 ||
	    reserve(packing, head_size + bound) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	at = packing->bytes + packing->size;
	memcpy(at, head, head_size);
	used = libdeflate_zlib_compress(compressor, data, size, at + head_size, bound);
	if (used == 0)
		return fault_set(fault, -EIO, "an object cannot be deflated");
	added = &packing->object[packing->objects++];
	*added = *object;
	added->offset = (uint32_t)packing->size;
	added->crc = libdeflate_crc32(0, at, head_size + used);
	packing->size += head_size + used;
	*find_slot(packing, &object->id) = (uint32_t)packing->objects;
	return 0;
}

int packing_add(struct packing *packing, const git_oid *id, git_object_t type, const void *data,
                size_t size, struct fault *fault)
{
	struct packed object = {.id = *id, .type = (uint8_t)type, .size = (uint32_t)size};
	uint8_t head[PACKHEAD_MAX] = {0};

	return append(packing, &object, head, packhead_put(head, (unsigned)type, size), data, size,
	              fault);
}

int packing_add_delta(struct packing *packing, const git_oid *id, size_t size, size_t base,
                      const void *delta, size_t delta_size, struct fault *fault)
{
	const struct packed *on = &packing->object[base];
	struct packed object = {.id = *id,
	                        .type = GIT_OBJECT_TREE,
	                        .size = (uint32_t)size,
	                        .depth = (uint8_t)(on->depth + 1),
	                        .base = (uint32_t)base};
	uint8_t head[PACKHEAD_MAX] = {0};
	size_t length = packhead_put(head, OFS_DELTA, delta_size);

	length += packhead_put_distance(head + length, packing->size - on->offset);
	return append(packing, &object, head, length, delta, delta_size, fault);
}

int packing_note_base(struct packing *packing, const git_oid *id, const git_oid *base,
                      struct fault *fault)
{
	if (packing->bases == packing->bases_room) {
		size_t room = packing->bases_room ? 2 * packing->bases_room : 64;
		struct packed_base *grown = realloc(packing->base, room * sizeof(*grown));

		if (!grown)
			return fault_set(fault, -ENOMEM, "out of memory");
		packing->base = grown;
		packing->bases_room = room;
	}
	packing->base[packing->bases++] = (struct packed_base){.id = *id, .base = *base};
	return 0;
}

/* What is deflated behind the head of an object: `size` octets, malloc'ed. */
static char *inflate(const struct packing *packing, const uint8_t *at, size_t size)
{
	char *content = malloc(size + 1);

	/* It stops where the object's stream ends. */
	if (content && libdeflate_zlib_decompress(packing->decompressor, at,
	                                          packing->size - (size_t)(at - packing->bytes),
	                                          content, size, NULL) == LIBDEFLATE_SUCCESS) {
		content[size] = '\0';
		return content;
	}
	free(content);
	return NULL;
}

/* The object's own octets, behind its head; a delta's size is not its content's. */
static const uint8_t *stream_of(const struct packing *packing, size_t index, size_t *size)
{
	const uint8_t *at = packing->bytes + packing->object[index].offset;
	int shift = 4;

	*size = *at & 15;
	while (*at++ & 0x80) {
		*size |= (size_t)(*at & 0x7f) << shift;
		shift += 7;
	}
	if (packing->object[index].depth > 0)
		while (*at++ & 0x80)
			;
	return at;
}

int packing_read(const struct packing *packing, size_t index, char **data, struct fault *fault)
{
	size_t chain[DELTA_DEPTH + 1], length = 0, size;
	const uint8_t *at;
	char *content;

	for (chain[0] = index; packing->object[chain[length]].depth > 0; length++)
		chain[length + 1] = packing->object[chain[length]].base;
	at = stream_of(packing, chain[length], &size);
	content = inflate(packing, at, size);
	while (content && length > 0) {
		char *delta, *base = content;
		uint8_t *made = NULL;
		size_t delta_size;

		at = stream_of(packing, chain[--length], &delta_size);
		delta = inflate(packing, at, delta_size);
		if (!delta || packdelta_apply(&made, &size, (const uint8_t *)base, size,
		                              (const uint8_t *)delta, delta_size) < 0)
			made = NULL;
		free(delta);
		free(base);
		content = (char *)made;
		if (content)
			content[size] = '\0';
	}
	if (!content)
		return fault_set(fault, -EIO, "an object just packed cannot be read back");
	*data = content;
	return 0;
}
