/* SPDX-License-Identifier: MIT */
/* A set of addresses of segments. */
#ifndef USER_FORMAT_ADDRESSES_H
#define USER_FORMAT_ADDRESSES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct addresses {
	uint64_t *key; /* owned; 0: free */
	size_t count, size;
};

bool addresses_have(const struct addresses *set, unsigned segment, uint32_t address);
int addresses_add(struct addresses *set, unsigned segment, uint32_t address); /* 0 or -ENOMEM */
/* Goes through all, in no order: the next one from *cursor on (0 to begin with), or false. */
bool addresses_next(const struct addresses *set, size_t *cursor, unsigned *segment,
                    uint32_t *address);
void addresses_empty(struct addresses *set);
void addresses_clear(struct addresses *set); /* and gives its memory back */

#endif
