/* SPDX-License-Identifier: MIT */
/*
 * How fast something may happen: RATE_BURST_MS' worth at once, then so many a second. One number
 * for each that is limited (GCRA, ITU-T I.371): the time until which it has used its share. The
 * times are milliseconds, and wrap around.
 */
#ifndef USER_NEIGHBOUR_RATE_H
#define USER_NEIGHBOUR_RATE_H

#include <stdbool.h>
#include <stdint.h>

#define RATE_BURST_MS 60000

/* Milliseconds by which it is ahead of its share; 0: it has all of the burst. */
static inline uint32_t rate_ahead(uint32_t until, uint64_t now_ms)
{
	uint32_t ahead = until - (uint32_t)now_ms;

	/* More than that is a time that is past, or so long ago that the numbers went round. */
	return ahead <= 2 * RATE_BURST_MS ? ahead : 0;
}

static inline bool rate_allows(uint32_t until, uint64_t now_ms)
{
	return rate_ahead(until, now_ms) < RATE_BURST_MS;
}

static inline void rate_spend(uint32_t *until, uint64_t now_ms, uint32_t cost_ms)
{
	*until = (uint32_t)now_ms + rate_ahead(*until, now_ms) + cost_ms;
}

#endif
