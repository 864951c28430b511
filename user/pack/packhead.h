/* SPDX-License-Identifier: MIT */
/* What stands before a pack's objects, and before the bytes of each: gitformat-pack(5). */
#ifndef USER_PACK_PACKHEAD_H
#define USER_PACK_PACKHEAD_H

#include <git2.h>
#include <stddef.h>
#include <stdint.h>

#define PACK_HEADER  12 /* bytes that a pack begins with */
#define PACKHEAD_MAX 20 /* bytes of type and size, and of a distance */

/* The first four are git_object_t's, too. */
enum packed_type {
	PACKED_COMMIT = 1,
	PACKED_TREE = 2,
	PACKED_BLOB = 3,
	PACKED_TAG = 4,
	PACKED_OFS_DELTA = 6,
	PACKED_REF_DELTA = 7
};

struct packhead {
	enum packed_type type;
	uint64_t size;     /* of the content; of a delta: of its instructions */
	size_t length;     /* of the head itself */
	uint64_t distance; /* PACKED_OFS_DELTA: the base begins so many bytes before the object */
	git_oid id;        /* PACKED_REF_DELTA: of the base */
};

/* The pack's own header. */
void packhead_put_pack(uint8_t at[PACK_HEADER], uint32_t objects);
/* Both write at most PACKHEAD_MAX / 2 bytes, and return how many. */
size_t packhead_put(uint8_t *at, enum packed_type type, uint64_t size);
size_t packhead_put_distance(uint8_t *at, uint64_t distance);
/* Reads at most `length` bytes. -EINVAL: not a valid head. */
int packhead_get(struct packhead *head, const uint8_t *at, size_t length);

#endif
