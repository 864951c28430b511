/* SPDX-License-Identifier: MIT */
/*
 * The index of a pack, of version 2 (gitformat-pack(5)), as bytes in memory: ids in their order,
 * each with its object's offset in the pack and the CRC-32 of its bytes there. Whatever the bytes
 * of an index are, reading stays within them.
 *
 *     packindex_open(&index, path, fault)        packindex_begin(&index, memory, objects)
 *     packindex_check(&index)                    packindex_set(&index, rank, id, crc) of each
 *     packindex_find(&position, &index, id)      packindex_end(&index, offset, sum, hash, fault)
 *     packindex_close(&index)                    ... write index.bytes, index.size of them ...
 */
#ifndef USER_PACK_PACKINDEX_H
#define USER_PACK_PACKINDEX_H

#include <git2.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "base/base.h"
#include "pack/hash.h"

struct packindex {
	uint8_t *bytes; /* mapped and read-only; or memory of the caller that writes it */
	size_t size;
	uint32_t objects;
};

/* Maps a whole file for reading; `modified` may be NULL. -EIO: it is too short for a pack. */
int packindex_map(uint8_t **bytes, size_t *size, struct timespec *modified, const char *path,
                  struct fault *fault);
/* Maps an index. Check it before anything else. */
int packindex_open(struct packindex *index, const char *path, struct fault *fault);
void packindex_close(struct packindex *index);
/* What is wrong with the layout; NULL: nothing. The checksum is not looked at. */
const char *packindex_check(struct packindex *index);
/* The checksum at the end is right, too. Reads all of it. 0, -EILSEQ, or an error with a fault. */
int packindex_check_sum(const struct packindex *index, struct fault *fault);

/* By position in the order of ids. */
const git_oid *packindex_id(const struct packindex *index, uint32_t position);
uint32_t packindex_crc(const struct packindex *index, uint32_t position);
/* 0: it is not valid. It may lie outside of the pack. */
uint64_t packindex_offset(const struct packindex *index, uint32_t position);
/* -ENOENT */
int packindex_find(uint32_t *position, const struct packindex *index, const git_oid *id);
/* The checksum of the index's pack. */
const git_oid *packindex_pack_sum(const struct packindex *index);

/* How much memory an index needs at most, for a pack of so many bytes. */
size_t packindex_room(uint32_t objects, uint64_t pack_size);
/* Begins an index in memory of that size. */
void packindex_begin(struct packindex *index, void *memory, uint32_t objects);
void packindex_set_id(struct packindex *index, uint32_t rank, const git_oid *id);
void packindex_set_crc(struct packindex *index, uint32_t rank, uint32_t crc);
/* Completes it; index->size is then its size. `offset` is of each object, by rank. */
int packindex_end(struct packindex *index, const uint64_t *offset, const git_oid *pack_sum,
                  struct hash *hash, struct fault *fault);

#endif
