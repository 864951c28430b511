/* SPDX-License-Identifier: MIT */
/* A short memory of slots. */
#ifndef USER_NEIGHBOUR_RECENT_H
#define USER_NEIGHBOUR_RECENT_H

#include "neighbour/state.h"

#define RECENT_NONE UINT32_MAX

/* The slot's place; RECENT_NONE: nothing was done in the last `seconds`. */
uint32_t recent_find(const struct recent *recent, uint32_t slot, uint32_t now, uint32_t seconds);
/* One more would make it forget one of the last `seconds`. */
bool recent_is_full(const struct recent *recent, uint32_t now, uint32_t seconds);
/* The slot is to be another address's. */
void recent_forget(struct recent *recent, uint32_t slot);
/* Returns the slot's place. */
uint32_t recent_add(struct recent *recent, uint32_t slot, uint32_t now);

#endif
