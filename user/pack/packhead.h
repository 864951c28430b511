/* SPDX-License-Identifier: MIT */
/* What stands before an object in a pack: gitformat-pack(5). */
#ifndef USER_PACK_PACKHEAD_H
#define USER_PACK_PACKHEAD_H

#include <stddef.h>
#include <stdint.h>

#define PACKHEAD_MAX 20 /* both */

/* Type and size. Says how many octets it took, as does the next. */
size_t packhead_put(uint8_t *at, unsigned type, uint64_t size);
/* How far before the object its base begins (OFS_DELTA). */
size_t packhead_put_distance(uint8_t *at, uint64_t distance);

#endif
