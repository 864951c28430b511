// SPDX-License-Identifier: MIT
/* A histogram of durations, whose bounds are the same for all: Prometheus adds what has equal ones.
 */
#include "base/histogram.h"

const double histogram_bound[HISTOGRAM_BOUNDS] = {0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05,
                                                  0.1,    0.25,  0.5,    1,     2.5,  5,     10};

void histogram_add(struct histogram *histogram, uint64_t nanoseconds)
{
	unsigned i = 0;

	while (i < HISTOGRAM_BOUNDS && (double)nanoseconds > histogram_bound[i] * 1e9)
		i++;
	if (i < HISTOGRAM_BOUNDS)
		histogram->at_most[i]++;
	histogram->count++;
	histogram->nanoseconds += nanoseconds;
}
