/* SPDX-License-Identifier: MIT */
/*
 * Whether the clock can be believed. What is removed for its age does not come back, and a clock
 * that is a year ahead makes everything old.
 */
#ifndef USER_UPKEEP_WALLTIME_H
#define USER_UPKEEP_WALLTIME_H

#include <stdint.h>

struct walltime {
	int64_t wall;    /* the clock: Unix seconds */
	int64_t running; /* since the machine started, also while it slept: no one sets this */
	enum {
		/* The kernel does not say: a unit with ProtectClock=, an old sandbox. */
		WALLTIME_UNKNOWN,
		WALLTIME_LOOSE,       /* nothing keeps the clock */
		WALLTIME_SYNCHRONISED /* NTP or the like does */
	} state;
};

void walltime_read(struct walltime *now);
/*
 * Why the clock is not believed; NULL: it is. It must be synchronised, as far as the kernel says,
 * and since `last`, of an earlier run, it must have gone as the machine's own time did, within a
 * day. After a restart, and at first (`last` NULL), nothing can be compared: then it must be known
 * to be synchronised.
 */
const char *walltime_doubt(const struct walltime *now, const struct walltime *last);

#endif
