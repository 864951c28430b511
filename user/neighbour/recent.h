/* SPDX-License-Identifier: MIT */
/* A short memory: the newest RECENT_MAX slots, and when something was done about each. */
#ifndef USER_NEIGHBOUR_RECENT_H
#define USER_NEIGHBOUR_RECENT_H

#include <stdbool.h>
#include <stdint.h>

#define RECENT_MAX  512
#define RECENT_NONE UINT32_MAX

struct recent {
	uint32_t slot[RECENT_MAX], at[RECENT_MAX]; /* at: coarse seconds */
	unsigned count, next;
};

/* The slot's place; RECENT_NONE: nothing was done in the last `seconds`. */
uint32_t recent_find(const struct recent *recent, uint32_t slot, uint32_t now, uint32_t seconds);
/* One more would make it forget one of the last `seconds`. */
bool recent_is_full(const struct recent *recent, uint32_t now, uint32_t seconds);
/* Returns its place. */
uint32_t recent_add(struct recent *recent, uint32_t slot, uint32_t now);

#endif
