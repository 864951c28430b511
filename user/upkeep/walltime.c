// SPDX-License-Identifier: MIT
/* Asks the kernel for its clocks, and compares. Sets none. */
#include "upkeep/walltime.h"

#include <stdbool.h>
#include <stddef.h>
#include <sys/timex.h>
#include <time.h>

#define DAY_S 86400

void walltime_read(struct walltime *now)
{
	struct timex query = {.modes = 0};
	struct timespec wall = {0}, running = {0};
	int state = clock_adjtime(CLOCK_REALTIME, &query);

	clock_gettime(CLOCK_REALTIME, &wall);
	clock_gettime(CLOCK_BOOTTIME, &running);
	*now = (struct walltime){.wall = wall.tv_sec,
	                         .running = running.tv_sec,
	                         .state = state < 0             ? WALLTIME_UNKNOWN
	                                  : state == TIME_ERROR ? WALLTIME_LOOSE
	                                                        : WALLTIME_SYNCHRONISED};
}

const char *walltime_doubt(const struct walltime *now, const struct walltime *last)
{
	int64_t wall = last ? now->wall - last->wall : 0;
	int64_t running = last ? now->running - last->running : -1;
	bool known = now->state == WALLTIME_SYNCHRONISED;

	if (now->state == WALLTIME_LOOSE)
		return "nothing synchronises this host's clock";
	if (wall < -DAY_S || (running >= 0 && (wall > running + DAY_S || wall < running - DAY_S)))
		return "this host's clock has jumped";
	return running < 0 && !known ? "this host's clock must be seen to go for a day first"
	                             : NULL;
}
