/* SPDX-License-Identifier: MIT */
/*
 * Whether the program in the kernel hears more than it can tell: its counters of events held back
 * and lost, looked at once a second. Pure: counters and clock are passed in; all zeros is a
 * beginning.
 */
#ifndef USER_AGENT_FLOOD_H
#define USER_AGENT_FLOOD_H

#include <stdbool.h>
#include <stdint.h>

#define FLOOD_SAY_MS  60000 /* while it goes on, it is said once in this */
#define FLOOD_OVER_MS 5000  /* nothing for so long: it is over */

enum flood_news { FLOOD_NOTHING, FLOOD_GOES_ON, FLOOD_OVER };

struct flood_count {
	uint64_t limited, lost; /* events held back; events lost */
};

struct flood {
	bool known; /* `last` is */
	bool going;
	struct flood_count last;           /* the counters */
	struct flood_count unsaid, in_all; /* of this flood: since it was said last; so far */
	uint64_t began, grew;              /* milliseconds */
	uint64_t said;                     /* likewise, also of the flood before; 0: never */
};

/* What there is to say: `told` is what has come since it was said last; of FLOOD_OVER, all of the
 * flood, which took `told_ms`. The first look only learns where the counters are. */
enum flood_news flood_look(struct flood *flood, const struct flood_count *now, uint64_t now_ms,
                           struct flood_count *told, uint64_t *told_ms);

#endif
