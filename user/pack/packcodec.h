/* SPDX-License-Identifier: MIT */
/* The codec of packs (gitformat-pack(5)): what stands before objects, and deltas: written step by
 * step or between two trees, and applied. */
#ifndef USER_PACK_PACKCODEC_H
#define USER_PACK_PACKCODEC_H

#include <git2.h>
#include <stdbool.h>
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

#define PACK_CHAIN_MAX 4095 /* deltas upon each other, at most: git's own limit */

/* A delta being written: copies from the base, and insertions, in the target's order. */
struct packdelta {
	uint8_t *begin, *at, *end;
	bool full;
	/* The last step, which may still grow: a copy, or an insertion. */
	const uint8_t *insert;
	size_t copy_offset, copy_size, insert_size;
};

void packdelta_begin(struct packdelta *delta, uint8_t *to, size_t room, size_t base_size,
                     size_t target_size);
/* The next bytes of the target are in the base at `offset`. */
void packdelta_copy(struct packdelta *delta, size_t offset, size_t size);
/* The next bytes of the target are these. They stay valid until the end, and pieces that follow
 * each other are contiguous. */
void packdelta_insert(struct packdelta *delta, const uint8_t *bytes, size_t size);
/* The delta's size; 0: it does not fit. */
size_t packdelta_end(struct packdelta *delta);

/* From one tree object's content to another's. The delta's size; 0: it does not fit. Bytes that are
 * not a tree make a long delta, but a valid one. */
size_t packdelta_tree(uint8_t *delta, size_t room, const uint8_t *base, size_t base_size,
                      const uint8_t *target, size_t target_size);

/* Applies any delta. -EINVAL: it does not fit the base, or the target does not fit into `room`. */
int packdelta_apply(uint8_t *target, size_t room, size_t *target_size, const uint8_t *base,
                    size_t base_size, const uint8_t *delta, size_t delta_size);
/* The same; the target is malloc'ed, with room for one more byte. */
int packdelta_apply_new(uint8_t **target, size_t *target_size, const uint8_t *base,
                        size_t base_size, const uint8_t *delta, size_t delta_size);

#endif
