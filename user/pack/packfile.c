// SPDX-License-Identifier: MIT
/*
 * Reads packs. Writes nothing, and keeps no content: the kernel's page cache does.
 */
#include "pack/packfile.h"

#include <errno.h>
#include <fcntl.h>
#include <libdeflate.h>
#include <limits.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "pack/hash.h"
#include "pack/packdelta.h"

#define FANOUT       256
#define INDEX_HEADER 8 /* magic and version, before the fan-out */
#define INDEX_FIXED  (INDEX_HEADER + FANOUT * 4 + 2 * GIT_OID_RAWSZ)
#define LARGE_OFFSET 0x80000000u /* the rest is a number in the table of large ones */
#define CONTENT_MAX  (256u << 20)

_Static_assert(sizeof(git_oid) == GIT_OID_RAWSZ && _Alignof(git_oid) == 1,
               "object ids are read where they stand");

static uint32_t get_be32(const uint8_t *at)
{
	return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 | (uint32_t)at[2] << 8 | at[3];
}

static const uint8_t *ids(const struct packfile *file)
{
	return file->index + INDEX_HEADER + FANOUT * 4;
}

static const uint8_t *crcs(const struct packfile *file)
{
	return ids(file) + (size_t)file->objects * GIT_OID_RAWSZ;
}

static const uint8_t *offsets(const struct packfile *file)
{
	return crcs(file) + (size_t)file->objects * 4;
}

static const uint8_t *large_offsets(const struct packfile *file)
{
	return offsets(file) + (size_t)file->objects * 4;
}

/* 0 if it lies outside. */
static uint64_t offset_of(const struct packfile *file, uint32_t position)
{
	uint64_t offset = get_be32(offsets(file) + (size_t)position * 4);
	const uint8_t *large;

	if (offset >= LARGE_OFFSET) {
		large = large_offsets(file) + (offset - LARGE_OFFSET) * 8;
		if (large + 8 > file->index + file->index_size - 2 * GIT_OID_RAWSZ)
			return 0;
		offset = (uint64_t)get_be32(large) << 32 | get_be32(large + 4);
	}
	return offset >= PACK_HEADER && offset < file->pack_size - GIT_OID_RAWSZ ? offset : 0;
}

static int map(const uint8_t **bytes, size_t *size, struct timespec *modified, const char *path,
               struct fault *fault)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC), error = 0;
	struct stat status;
	void *mapped;

	if (descriptor < 0 || fstat(descriptor, &status) < 0) {
		error = fault_set(fault, -errno, "%s: %s", path, strerror(errno));
		goto out;
	}
	if (status.st_size < PACK_HEADER + GIT_OID_RAWSZ) {
		error = fault_set(fault, -EIO, "%s is cut off: `git fsck` says what is missing",
		                  path);
		goto out;
	}
	mapped = mmap(NULL, (size_t)status.st_size, PROT_READ, MAP_SHARED, descriptor, 0);
	if (mapped == MAP_FAILED) {
		error = fault_set(fault, -errno, "%s cannot be mapped: %s", path, strerror(errno));
		goto out;
	}
	*bytes = mapped;
	*size = (size_t)status.st_size;
	*modified = status.st_mtim;
out:
	if (descriptor >= 0)
		close(descriptor);
	return error;
}

/* The index is whole, and belongs to the pack. */
static int check(struct packfile *file, struct fault *fault)
{
	const uint8_t *end = file->index + file->index_size;
	struct hash *hash = NULL;
	const char *wrong = NULL;
	uint32_t last = 0;
	git_oid sum;
	int error;

	if (memcmp(file->pack, "PACK\0\0\0\2", 8) != 0)
		wrong = "the pack is not of version 2";
	else if (file->index_size < INDEX_FIXED || memcmp(file->index, "\377tOc\0\0\0\2", 8) != 0)
		wrong = "the index is not of version 2";
	if (wrong)
		goto out;
	for (unsigned i = 0; i < FANOUT; i++) {
		uint32_t count = get_be32(file->index + INDEX_HEADER + (size_t)i * 4);

		if (count < last)
			wrong = "the index is damaged";
		last = count;
	}
	file->objects = last;
	if (!wrong && last != get_be32(file->pack + 8))
		wrong = "pack and index differ in the number of objects";
	if (!wrong && (file->index_size - INDEX_FIXED) / (GIT_OID_RAWSZ + 8) < last)
		wrong = "the index is cut off";
	if (!wrong && memcmp(end - 2 * GIT_OID_RAWSZ, file->pack + file->pack_size - GIT_OID_RAWSZ,
	                     GIT_OID_RAWSZ) != 0)
		wrong = "the index belongs to another pack, or the pack is cut off";
	if (wrong)
		goto out;
	error = hash_new(&hash, fault);
	if (!error)
		error = hash_bytes(hash, &sum, file->index, file->index_size - GIT_OID_RAWSZ,
		                   fault);
	hash_free(hash);
	if (error)
		return error;
	if (memcmp(sum.id, end - GIT_OID_RAWSZ, GIT_OID_RAWSZ) != 0)
		wrong = "the index is damaged";
out:
	return wrong ? fault_set(fault, -EIO, "pack-%s: %s; `git fsck` says what is missing",
	                         file->name, wrong)
	             : 0;
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
			return fault_set(fault, -EIO,
			                 "pack-%s: the index points outside the pack; `git fsck` "
			                 "says what is missing",
			                 file->name);
	}
	qsort(file->object, file->objects, sizeof(*file->object), compare_offsets);
	return 0;
}

int packfile_open(struct packfile *file, const char *folder, const char *name, struct fault *fault)
{
	struct timespec ignored;
	char path[PATH_MAX];
	int error;

	*file = (struct packfile){0};
	snprintf(file->name, sizeof(file->name), "%s", name);
	snprintf(path, sizeof(path), "%s/pack-%s.idx", folder, name);
	error = map(&file->index, &file->index_size, &ignored, path, fault);
	snprintf(path, sizeof(path), "%s/pack-%s.pack", folder, name);
	if (!error)
		error = map(&file->pack, &file->pack_size, &file->modified, path, fault);
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
		munmap((void *)file->pack, file->pack_size);
	if (file->index)
		munmap((void *)file->index, file->index_size);
	free(file->object);
	*file = (struct packfile){0};
}

const git_oid *packfile_id(const struct packfile *file, uint32_t position)
{
	return (const git_oid *)(ids(file) + (size_t)position * GIT_OID_RAWSZ);
}

uint32_t packfile_crc(const struct packfile *file, uint32_t position)
{
	return get_be32(crcs(file) + (size_t)position * 4);
}

int packfile_find(uint32_t *position, const struct packfile *file, const git_oid *id)
{
	const uint8_t *fanout = file->index + INDEX_HEADER;
	uint32_t low = id->id[0] ? get_be32(fanout + ((size_t)id->id[0] - 1) * 4) : 0;
	uint32_t high = get_be32(fanout + (size_t)id->id[0] * 4);

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		int order = memcmp(id->id, packfile_id(file, middle)->id, GIT_OID_RAWSZ);

		if (order == 0) {
			*position = middle;
			return 0;
		}
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return -ENOENT;
}

const uint8_t *packfile_bytes(size_t *length, const struct packfile *file, uint32_t object)
{
	uint64_t end = object + 1 < file->objects ? file->object[object + 1].offset
	                                          : file->pack_size - GIT_OID_RAWSZ;

	*length = (size_t)(end - file->object[object].offset);
	return file->pack + file->object[object].offset;
}

uint32_t packfile_at(const struct packfile *file, uint64_t offset)
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
	return packfile_at(file, offset_of(file, position));
}

int packfile_damaged(const struct packfile *file, uint32_t object, struct fault *fault)
{
	char text[PACK_NAME];

	git_oid_tostr(text, sizeof(text), packfile_id(file, file->object[object].position));
	fault_set(fault, -EIO, "pack-%s: object %s is damaged; `git fsck` says what is missing",
	          file->name, text);
	return -EIO;
}

int packfile_head(struct pack_head *head, const struct packfile *file, uint32_t object,
                  struct fault *fault)
{
	size_t length;
	const uint8_t *start = packfile_bytes(&length, file, object), *at = start;
	const uint8_t *end = start + length;
	uint64_t distance;
	unsigned shift = 4;

	if (length < 2)
		return packfile_damaged(file, object, fault);
	*head = (struct pack_head){.type = (*at >> 4) & 7, .size = *at & 15};
	while (*at++ & 0x80) {
		if (at == end || shift > 53)
			return packfile_damaged(file, object, fault);
		head->size |= (uint64_t)(*at & 0x7f) << shift;
		shift += 7;
	}
	if (head->type == PACKED_OFS_DELTA) {
		if (at == end)
			return packfile_damaged(file, object, fault);
		distance = *at & 0x7f;
		while (*at++ & 0x80) {
			if (at == end || distance >> 50)
				return packfile_damaged(file, object, fault);
			distance = (distance + 1) << 7 | (*at & 0x7f);
		}
		if (distance == 0 || distance > file->object[object].offset)
			return packfile_damaged(file, object, fault);
		head->offset = file->object[object].offset - distance;
	} else if (head->type == PACKED_REF_DELTA) {
		if (end - at < GIT_OID_RAWSZ)
			return packfile_damaged(file, object, fault);
		memcpy(head->id.id, at, GIT_OID_RAWSZ);
		at += GIT_OID_RAWSZ;
	} else if (head->type < PACKED_COMMIT || head->type > PACKED_TAG) {
		return packfile_damaged(file, object, fault);
	}
	head->length = (size_t)(at - start);
	return 0;
}

static uint32_t find_by_id(const struct packfile *file, const git_oid *id)
{
	uint32_t position;

	return packfile_find(&position, file, id) < 0 ? NO_BASE : packfile_object(file, position);
}

int packfile_link(struct packfile *file, struct fault *fault)
{
	for (uint32_t i = 0; i < file->objects; i++) {
		struct pack_object *object = &file->object[i];
		struct pack_head head;
		int error = packfile_head(&head, file, i, fault);

		if (error)
			return error;
		if (head.type == PACKED_OFS_DELTA)
			object->base = packfile_at(file, head.offset);
		else if (head.type == PACKED_REF_DELTA)
			object->base = find_by_id(file, &head.id);
		else
			continue;
		if (object->base == NO_BASE)
			return packfile_damaged(file, i, fault);
	}
	return 0;
}

static int inflate_object(uint8_t **content, size_t *size, struct pack_head *head,
                          const struct packfile *file, uint32_t object,
                          struct libdeflate_decompressor *decompressor, struct fault *fault)
{
	size_t length;
	const uint8_t *bytes = packfile_bytes(&length, file, object);
	int error = packfile_head(head, file, object, fault);
	uint8_t *made;

	if (error)
		return error;
	if (head->size > CONTENT_MAX)
		return packfile_damaged(file, object, fault);
	made = malloc((size_t)head->size + 1);
	if (!made)
		return fault_set(fault, -ENOMEM, "out of memory");
	if (libdeflate_zlib_decompress(decompressor, bytes + head->length, length - head->length,
	                               made, (size_t)head->size, NULL) != LIBDEFLATE_SUCCESS) {
		free(made);
		return packfile_damaged(file, object, fault);
	}
	*content = made;
	*size = (size_t)head->size;
	return 0;
}

int packfile_content(uint8_t **content, size_t *size, enum packed_type *type,
                     const struct packfile *file, uint32_t object,
                     struct libdeflate_decompressor *decompressor, struct fault *fault)
{
	uint32_t chain[PACK_CHAIN_MAX];
	uint8_t *bytes = NULL, *delta = NULL, *whole = NULL;
	size_t bytes_size = 0, delta_size = 0, whole_size = 0;
	struct pack_head head;
	unsigned deltas = 0;
	int error;

	for (; file->object[object].base != NO_BASE; object = file->object[object].base) {
		if (deltas == PACK_CHAIN_MAX)
			return packfile_damaged(file, object, fault);
		chain[deltas++] = object;
	}
	error = inflate_object(&bytes, &bytes_size, &head, file, object, decompressor, fault);
	if (error)
		return error;
	*type = head.type;
	while (deltas > 0) {
		object = chain[--deltas];
		error = inflate_object(&delta, &delta_size, &head, file, object, decompressor,
		                       fault);
		if (error)
			goto out;
		error = packdelta_apply(&whole, &whole_size, bytes, bytes_size, delta, delta_size);
		free(delta);
		if (error) {
			error = error == -ENOMEM ? fault_set(fault, error, "out of memory")
			                         : packfile_damaged(file, object, fault);
			goto out;
		}
		free(bytes);
		bytes = whole;
		bytes_size = whole_size;
		delta = whole = NULL;
	}
	*content = bytes;
	*size = bytes_size;
	return 0;
out:
	free(bytes);
	return error;
}
