/* SPDX-License-Identifier: MIT */
/* A set of addresses of segments. An empty one is all zeros. */
#ifndef USER_FORMAT_ADDRESSES_H
#define USER_FORMAT_ADDRESSES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/base.h"

struct addresses {
	struct idmap keys;
};

bool addresses_have(const struct addresses *set, unsigned segment, uint32_t address);
int addresses_add(struct addresses *set, unsigned segment, uint32_t address); /* 0 or -ENOMEM */
/* Goes through all, in the order in which they were added: the next one from *cursor on (0 to begin
 * with), or false. */
bool addresses_next(const struct addresses *set, uint32_t *cursor, unsigned *segment,
                    uint32_t *address);
void addresses_empty(struct addresses *set); /* keeps the memory */
void addresses_clear(struct addresses *set);

#endif
