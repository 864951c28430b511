/* SPDX-License-Identifier: MIT */
/* Deltas as git's packs hold them: made between two versions of a folder, and applied. */
#ifndef USER_HISTORY_PACKDELTA_H
#define USER_HISTORY_PACKDELTA_H

#include <stddef.h>
#include <stdint.h>

#define PACK_CHAIN_MAX 4095 /* deltas upon each other, at most: git's own limit */

/* From one tree object's content to another's. Writes at most `room` octets and says how many; 0:
 * it would not fit. What is no tree makes a delta all the same, a long one. */
size_t packdelta_tree(uint8_t *delta, size_t room, const uint8_t *base, size_t base_size,
                      const uint8_t *target, size_t target_size);

/* Any delta. `target` is malloc'ed. -EINVAL: it does not fit the base. */
int packdelta_apply(uint8_t **target, size_t *target_size, const uint8_t *base, size_t base_size,
                    const uint8_t *delta, size_t delta_size);

#endif
