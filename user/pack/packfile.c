// SPDX-License-Identifier: MIT
/* Reads packs. Writes nothing, and keeps no content: the kernel's page cache does. */
#include "pack/packfile.h"

#include <errno.h>
#include <libdeflate.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>

#include "pack/packcodec.h"

#define CONTENT_MAX (256u << 20)

static int damaged_file(const struct packfile *file, const char *wrong, struct fault *fault)
{
	return fault_set(fault, -EIO, "pack-%s: %s; `git fsck` says what is missing", file->name,
	                 wrong);
}

/* The index is whole, and belongs to the pack. */
static int check(struct packfile *file, struct fault *fault)
{
	const uint8_t *sum = file->pack + file->pack_size - GIT_OID_RAWSZ;
	uint8_t header[PACK_HEADER];
	const char *wrong;
	int error;

	packhead_put_pack(header, 0);
	if (memcmp(file->pack, header, 8) != 0)
		return damaged_file(file, "the pack is not of version 2", fault);
	wrong = packindex_check(&file->index);
	if (wrong)
		return damaged_file(file, wrong, fault);
	file->objects = file->index.objects;
	packhead_put_pack(header, file->objects);
	if (memcmp(file->pack, header, sizeof(header)) != 0)
		return damaged_file(file, "pack and index differ in the number of objects", fault);
	if (memcmp(packindex_pack_sum(&file->index)->id, sum, GIT_OID_RAWSZ) != 0)
		return damaged_file(
		        file, "the index belongs to another pack, or the pack is cut off", fault);
	error = packindex_check_sum(&file->index, fault);
	return error == -EILSEQ ? damaged_file(file, "the index is damaged", fault) : error;
}

/* 0 if it lies outside. */
static uint64_t offset_of(const struct packfile *file, uint32_t position)
{
	uint64_t offset = packindex_offset(&file->index, position);

	return offset >= PACK_HEADER && offset < file->pack_size - GIT_OID_RAWSZ ? offset : 0;
}

static int compare_offsets(const void *a, const void *b)
{
	uint64_t x = ((const struct pack_object *)a)->offset;
	uint64_t y = ((const struct pack_object *)b)->offset;

	return (x > y) - (x < y);
}

static int list_objects(struct packfile *file, struct fault *fault)
{
	file->object = malloc(((size_t)file->objects + 1) * sizeof(*file->object));
	if (!file->object)
		return fault_set(fault, -ENOMEM, "out of memory");
	for (uint32_t i = 0; i < file->objects; i++) {
		file->object[i] = (struct pack_object){
		        .offset = offset_of(file, i), .position = i, .base = NO_BASE};
		if (file->object[i].offset == 0)
			return damaged_file(file, "the index points outside the pack", fault);
	}
	qsort(file->object, file->objects, sizeof(*file->object), compare_offsets);
	return 0;
}

int packfile_open(struct packfile *file, const char *folder, const char *name, struct fault *fault)
{
	char path[PATH_MAX];
	int error;

	*file = (struct packfile){0};
	snprintf(file->name, sizeof(file->name), "%s", name);
	packplace_path(path, folder, name, "idx");
	error = packindex_open(&file->index, path, fault);
	packplace_path(path, folder, name, "pack");
	if (!error)
		error = packindex_map(&file->pack, &file->pack_size, &file->modified, path, fault);
	if (!error)
		error = check(file, fault);
	if (!error)
		error = list_objects(file, fault);
	if (error)
		packfile_close(file);
	return error;
}

void packfile_close(struct packfile *file)
{
	if (file->pack)
		munmap(file->pack, file->pack_size);
	packindex_close(&file->index);
	free(file->object);
	*file = (struct packfile){0};
}

const git_oid *packfile_id(const struct packfile *file, uint32_t position)
{
	return packindex_id(&file->index, position);
}

const uint8_t *packfile_bytes(size_t *length, const struct packfile *file, uint32_t object)
{
	uint64_t end = object + 1 < file->objects ? file->object[object + 1].offset
	                                          : file->pack_size - GIT_OID_RAWSZ;

	*length = (size_t)(end - file->object[object].offset);
	return file->pack + file->object[object].offset;
}

/* The object that begins at this offset; NO_BASE: none. */
static uint32_t object_at(const struct packfile *file, uint64_t offset)
{
	uint32_t low = 0, high = file->objects;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (file->object[middle].offset == offset)
			return middle;
		if (file->object[middle].offset > offset)
			high = middle;
		else
			low = middle + 1;
	}
	return NO_BASE;
}

uint32_t packfile_object(const struct packfile *file, uint32_t position)
{
	return object_at(file, offset_of(file, position));
}

int packfile_damaged(const struct packfile *file, uint32_t object, struct fault *fault)
{
	char text[PACK_NAME];

	git_oid_tostr(text, sizeof(text), packfile_id(file, file->object[object].position));
	fault_set(fault, -EIO, "pack-%s: object %s is damaged; `git fsck` says what is missing",
	          file->name, text);
	return -EIO;
}

int packfile_head(struct packhead *head, const struct packfile *file, uint32_t object,
                  struct fault *fault)
{
	size_t length;
	const uint8_t *bytes = packfile_bytes(&length, file, object);

	return packhead_get(head, bytes, length) < 0 ? packfile_damaged(file, object, fault) : 0;
}

uint32_t packfile_base(const struct packfile *file, uint32_t object, const struct packhead *head)
{
	uint64_t offset = file->object[object].offset;
	uint32_t position;

	if (head->type == PACKED_OFS_DELTA)
		return head->distance < offset ? object_at(file, offset - head->distance) : NO_BASE;
	return packindex_find(&position, &file->index, &head->id) < 0
	               ? NO_BASE
	               : packfile_object(file, position);
}

int packfile_link(struct packfile *file, struct fault *fault)
{
	for (uint32_t i = 0; i < file->objects; i++) {
		struct packhead head;
		int error = packfile_head(&head, file, i, fault);

		if (error)
			return error;
		if (head.type != PACKED_OFS_DELTA && head.type != PACKED_REF_DELTA)
			continue;
		file->object[i].base = packfile_base(file, i, &head);
		if (file->object[i].base == NO_BASE)
			return packfile_damaged(file, i, fault);
	}
	return 0;
}

int packfile_inflate(uint8_t **bytes, struct packhead *head, const struct packfile *file,
                     uint32_t object, struct libdeflate_decompressor *decompressor,
                     struct fault *fault)
{
	size_t length;
	const uint8_t *from = packfile_bytes(&length, file, object);
	int error = packfile_head(head, file, object, fault);
	uint8_t *made;

	if (error)
		return error;
	if (head->size > CONTENT_MAX)
		return packfile_damaged(file, object, fault);
	made = malloc((size_t)head->size + 1);
	if (!made)
		return fault_set(fault, -ENOMEM, "out of memory");
	if (libdeflate_zlib_decompress(decompressor, from + head->length, length - head->length,
	                               made, (size_t)head->size, NULL) != LIBDEFLATE_SUCCESS) {
		free(made);
		return packfile_damaged(file, object, fault);
	}
	*bytes = made;
	return 0;
}

int packfile_apply(uint8_t **content, size_t *size, const struct packfile *file, uint32_t object,
                   const uint8_t *base, size_t base_size,
                   struct libdeflate_decompressor *decompressor, struct fault *fault)
{
	struct packhead head;
	uint8_t *delta = NULL;
	int error = packfile_inflate(&delta, &head, file, object, decompressor, fault);

	if (error)
		return error;
	error = packdelta_apply_new(content, size, base, base_size, delta, (size_t)head.size);
	free(delta);
	if (error == -ENOMEM)
		return fault_set(fault, error, "out of memory");
	return error ? packfile_damaged(file, object, fault) : 0;
}

int packfile_content(uint8_t **content, size_t *size, enum packed_type *type,
                     const struct packfile *file, uint32_t object,
                     struct libdeflate_decompressor *decompressor, struct fault *fault)
{
	uint32_t chain[PACK_CHAIN_MAX];
	struct packhead head;
	unsigned deltas = 0;
	uint8_t *base;
	int error;

	for (; file->object[object].base != NO_BASE; object = file->object[object].base) {
		if (deltas == PACK_CHAIN_MAX)
			return packfile_damaged(file, object, fault);
		chain[deltas++] = object;
	}
	error = packfile_inflate(content, &head, file, object, decompressor, fault);
	if (error)
		return error;
	*type = head.type;
	*size = (size_t)head.size;
	while (deltas > 0 && !error) {
		base = *content;
		error = packfile_apply(content, size, file, chain[--deltas], base, *size,
		                       decompressor, fault);
		free(base);
	}
	if (error)
		*content = NULL;
	return error;
}
