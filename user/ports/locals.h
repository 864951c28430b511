/* SPDX-License-Identifier: MIT */
/*
 * The host's own addresses, with segment and MAC, as a set; and what differs between an old and a
 * new one. An address that is on two interfaces is in it once.
 */
#ifndef USER_PORTS_LOCALS_H
#define USER_PORTS_LOCALS_H

#include <stddef.h>

#include "wire/wire.h"

struct local {
	unsigned segment;
	uint32_t address;
	struct mac mac;
};

struct locals {             /* zero: empty */
	struct local *item; /* owned; ordered by segment and address */
	size_t count, room;
};

/* An address that is in the set already keeps its MAC. 0 or -ENOMEM. */
int locals_add(struct locals *locals, unsigned segment, uint32_t address, struct mac mac);
/* Moves `fresh` to `told`, and reports each difference, in order. */
void locals_become(struct locals *told, struct locals *fresh,
                   void (*tell)(void *context, unsigned segment, uint32_t address,
                                const struct mac *mac), /* mac NULL: no longer */
                   void *context);
void locals_clear(struct locals *locals);

#endif
