/* SPDX-License-Identifier: MIT */
/*
 * Which addresses of a segment are the host's own, and at which MAC: as sets, an old one and a new
 * one, and what has changed between them. An address that is on two interfaces is there once.
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

/* Of an address that is in the set already, the first MAC stays. 0 or -ENOMEM. */
int locals_add(struct locals *locals, unsigned segment, uint32_t address, struct mac mac);
/* `told` becomes `fresh`, which is then empty; tells each difference, in order. */
void locals_become(struct locals *told, struct locals *fresh,
                   void (*tell)(void *context, unsigned segment, uint32_t address,
                                const struct mac *mac), /* mac NULL: no longer */
                   void *context);
void locals_clear(struct locals *locals);

#endif
