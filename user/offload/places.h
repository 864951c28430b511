/* SPDX-License-Identifier: MIT */
/*
 * The places of IPv6 addresses: which sparse slot each has (wire/layout.h). The XDP program finds
 * them in the index (arpkeeper/index6.h), which the agent alone writes. A slot must be as it should
 * be before its address gets the place, and the place must be gone before the slot is another
 * address's.
 */
#ifndef USER_OFFLOAD_PLACES_H
#define USER_OFFLOAD_PLACES_H

#include "offload/types.h"

/* 0 or -errno. -E2BIG: the index is full. */
int offload_place(struct offload *offload, unsigned segment, struct address address, uint32_t slot);
/* 0, also when the address has no place; or -errno. */
int offload_unplace(struct offload *offload, unsigned segment, struct address address);

/* Visits all places, in no order. After offload_open() these are the ones that were there before,
 * with segments as the layout has them now. Returns what `visit` did, or -errno. */
int offload_places(const struct offload *offload, place_visit *visit, void *context);

#endif
