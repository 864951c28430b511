/* SPDX-License-Identifier: MIT */
/* Deltas as git's packs hold them: made between two versions of a folder, and applied. */
#ifndef USER_PACK_PACKDELTA_H
#define USER_PACK_PACKDELTA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PACK_CHAIN_MAX 4095 /* deltas upon each other, at most: git's own limit */

/* A delta as it is written: what is copied from the base, and inserted, in the target's order. */
struct packdelta {
	uint8_t *begin, *at, *end;
	bool full;
	/* not yet written: a copy, or an insertion */
	const uint8_t *insert;
	size_t copy_offset, copy_size, insert_size;
};

void packdelta_begin(struct packdelta *delta, uint8_t *to, size_t room, size_t base_size,
                     size_t target_size);
/* What comes next in the target stands in the base, too, at `offset`. */
void packdelta_copy(struct packdelta *delta, size_t offset, size_t size);
/* `bytes` are the target's, where they stand, and valid until the end. */
void packdelta_insert(struct packdelta *delta, const uint8_t *bytes, size_t size);
/* How many octets were written; 0: they do not fit. */
size_t packdelta_end(struct packdelta *delta);

/* From one tree object's content to another's. Writes at most `room` octets and says how many; 0:
 * it would not fit. What is no tree makes a delta all the same, a long one. */
size_t packdelta_tree(uint8_t *delta, size_t room, const uint8_t *base, size_t base_size,
                      const uint8_t *target, size_t target_size);

/* Any delta. `target` is malloc'ed. -EINVAL: it does not fit the base. */
int packdelta_apply(uint8_t **target, size_t *target_size, const uint8_t *base, size_t base_size,
                    const uint8_t *delta, size_t delta_size);

#endif
