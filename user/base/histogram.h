/* SPDX-License-Identifier: MIT */
/* How often something took how long: counts by upper bounds, from 0.5 ms to 10 s. */
#ifndef USER_BASE_HISTOGRAM_H
#define USER_BASE_HISTOGRAM_H

#include <stdint.h>

#define HISTOGRAM_BOUNDS 14

/* In seconds, ascending. */
extern const double histogram_bound[HISTOGRAM_BOUNDS];

struct histogram {
	uint64_t at_most[HISTOGRAM_BOUNDS]; /* by bound; those of smaller bounds are not in it */
	uint64_t count;                     /* those above the last bound included */
	uint64_t nanoseconds;               /* of all */
};

void histogram_add(struct histogram *histogram, uint64_t nanoseconds);

#endif
