// SPDX-License-Identifier: MIT
/*
 * Appends objects to memory, in the form of gitformat-pack(5). Decides how an object is stored, and
 * not which objects are; writes no file.
 */
#include "pack/packing.h"

#include <errno.h>
#include <libdeflate.h>
#include <stdlib.h>
#include <string.h>

#include "pack/packcodec.h"

/*
 * What deflating saves must be worth its time. Of a file of 80 bytes that are mostly digits it
 * saves one byte in 5.5 us, thirty times as long as hashing takes. Of a lone change's commit it
 * saves a third in 10 us, as much as all else that the commit costs. Half of a tree is object ids,
 * which do not shrink: 51 us for a third of 10 KB. Most trees are whole only until packs are
 * joined; the join deflates what is worth it, in its own time.
 */
#define DEFLATE_FROM  1024
#define DEFLATE_LEVEL 1
#define STORED_LEVEL  0

int packing_init(struct packing *packing, struct fault *fault)
{
	*packing = (struct packing){.serial = 1, .size = PACK_HEADER, .ids = IDMAP(GIT_OID_RAWSZ)};
	packing->compressor = libdeflate_alloc_compressor(DEFLATE_LEVEL);
	packing->stored = libdeflate_alloc_compressor(STORED_LEVEL);
	packing->decompressor = libdeflate_alloc_decompressor();
	if (packing->compressor && packing->stored && packing->decompressor)
		return 0;
	packing_clear(packing);
	return fault_set(fault, -ENOMEM, "out of memory");
}

void packing_clear(struct packing *packing)
{
	free(packing->bytes);
	free(packing->object);
	packbases_clear(&packing->bases);
	idmap_clear(&packing->ids);
	libdeflate_free_compressor(packing->compressor);
	libdeflate_free_compressor(packing->stored);
	libdeflate_free_decompressor(packing->decompressor);
	*packing = (struct packing){0};
}

#define ROOM_KEPT (1 << 20)
#define ROOM_MOST (16 << 20)

void packing_restart(struct packing *packing)
{
	/* The memory of a burst is freed at its end, not between its packs: every page would be
	 * faulted in anew. */
	if (packing->room > ROOM_MOST ||
	    (packing->room > ROOM_KEPT && packing->size < packing->room / 8)) {
		free(packing->bytes);
		packing->bytes = NULL;
		packing->room = 0;
	}
	idmap_empty(&packing->ids);
	packing->serial++;
	packing->size = PACK_HEADER;
	packing->objects = 0;
	packing->bases.count = 0;
}

ssize_t packing_find(const struct packing *packing, const git_oid *id)
{
	uint32_t number = idmap_find(&packing->ids, id->id);

	return number == IDMAP_NONE ? -1 : (ssize_t)number;
}

static struct libdeflate_compressor *compressor_for(const struct packing *packing,
                                                    git_object_t type, size_t size)
{
	bool deflate = size >= DEFLATE_FROM && type != GIT_OBJECT_TREE;

	return deflate ? packing->compressor : packing->stored;
}

/* `head` is the object's; what follows is deflated. */
static int append(struct packing *packing, const git_oid *id, const struct packed *object,
                  const uint8_t *head, size_t head_size, const void *data, size_t size,
                  struct fault *fault)
{
	struct libdeflate_compressor *compressor = compressor_for(packing, object->type, size);
	size_t bound = libdeflate_zlib_compress_bound(compressor, size), used;
	struct packed *added;
	uint8_t *at;

	if (packing->size + head_size + bound > UINT32_MAX / 2 ||
	    array_reserve(&packing->bytes, &packing->room,
	                  packing->size + head_size + bound + GIT_OID_RAWSZ) < 0 ||
	    array_reserve(&packing->object, &packing->objects_room, packing->objects + 1) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	at = packing->bytes + packing->size;
	memcpy(at, head, head_size);
	used = libdeflate_zlib_compress(compressor, data, size, at + head_size, bound);
	if (used == 0)
		return fault_set(fault, -EIO, "an object cannot be deflated");
	if (idmap_add(&packing->ids, NULL, id->id) < 0)
		return fault_set(fault, -ENOMEM, "out of memory");
	added = &packing->object[packing->objects++];
	*added = *object;
	added->offset = (uint32_t)packing->size;
	added->crc = libdeflate_crc32(0, at, head_size + used);
	packing->size += head_size + used;
	return 0;
}

int packing_add(struct packing *packing, const git_oid *id, git_object_t type, const void *data,
                size_t size, struct fault *fault)
{
	struct packed object = {.type = (uint8_t)type, .size = (uint32_t)size};
	uint8_t head[PACKHEAD_MAX] = {0};

	return append(packing, id, &object, head, packhead_put(head, (enum packed_type)type, size),
	              data, size, fault);
}

int packing_add_delta(struct packing *packing, const git_oid *id, size_t size, size_t base,
                      const void *delta, size_t delta_size, struct fault *fault)
{
	const struct packed *on = &packing->object[base];
	struct packed object = {.type = GIT_OBJECT_TREE,
	                        .size = (uint32_t)size,
	                        .depth = (uint8_t)(on->depth + 1),
	                        .base = (uint32_t)base};
	uint8_t head[PACKHEAD_MAX] = {0};
	size_t length = packhead_put(head, PACKED_OFS_DELTA, delta_size);

	length += packhead_put_distance(head + length, packing->size - on->offset);
	return append(packing, id, &object, head, length, delta, delta_size, fault);
}

int packing_note_base(struct packing *packing, const git_oid *id, const git_oid *base,
                      struct fault *fault)
{
	return packbases_add(&packing->bases, id, base) < 0
	               ? fault_set(fault, -ENOMEM, "out of memory")
	               : 0;
}

/* An object's own bytes inflated, malloc'ed; a delta's size is not its content's. */
static uint8_t *inflate(const struct packing *packing, size_t index, size_t *size)
{
	const uint8_t *at = packing->bytes + packing->object[index].offset;
	size_t length = packing->size - packing->object[index].offset;
	struct packhead head;
	uint8_t *content;

	if (packhead_get(&head, at, length) < 0)
		return NULL;
	*size = (size_t)head.size;
	content = malloc(*size + 1);
	/* It stops where the object's stream ends. */
	if (content && libdeflate_zlib_decompress(packing->decompressor, at + head.length,
	                                          length - head.length, content, *size,
	                                          NULL) == LIBDEFLATE_SUCCESS)
		return content;
	free(content);
	return NULL;
}

int packing_read(const struct packing *packing, size_t index, char **data, struct fault *fault)
{
	size_t chain[DELTA_DEPTH + 1], length = 0, size;
	uint8_t *content;

	for (chain[0] = index; packing->object[chain[length]].depth > 0; length++)
		chain[length + 1] = packing->object[chain[length]].base;
	content = inflate(packing, chain[length], &size);
	while (content && length > 0) {
		size_t delta_size;
		uint8_t *delta = inflate(packing, chain[--length], &delta_size), *base = content;

		if (!delta || packdelta_apply_new(&content, &size, base, size, delta, delta_size))
			content = NULL;
		free(delta);
		free(base);
	}
	if (!content)
		return fault_set(fault, -EIO, "an object just packed cannot be read back");
	content[size] = '\0';
	*data = (char *)content;
	return 0;
}
