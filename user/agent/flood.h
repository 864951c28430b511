/* SPDX-License-Identifier: MIT */
/*
 * Whether the XDP program sees more than it can report: its counters of events held back and lost,
 * read once a second. Pure: counters and clock are passed in; all zeros is a beginning.
 */
#ifndef USER_AGENT_FLOOD_H
#define USER_AGENT_FLOOD_H

#include <stdbool.h>
#include <stdint.h>

#define FLOOD_SAY_MS  60000 /* while it goes on, one alert in this */
#define FLOOD_OVER_MS 5000  /* without an event for so long, it is over */

enum flood_news { FLOOD_NOTHING, FLOOD_GOES_ON, FLOOD_OVER };

struct flood_count {
	uint64_t limited, lost; /* events held back; events lost */
};

struct flood {
	bool known; /* `last` is */
	bool going;
	struct flood_count last;           /* the counters */
	struct flood_count unsaid, in_all; /* of this flood: since the last alert; so far */
	uint64_t began, grew;              /* milliseconds */
	uint64_t said;                     /* of the last alert, of any flood; 0: never */
};

/* What to report. `told` is what came since the last report; for FLOOD_OVER, all of the flood,
 * which took `told_ms`. The first look only reads the counters. */
enum flood_news flood_look(struct flood *flood, const struct flood_count *now, uint64_t now_ms,
                           struct flood_count *told, uint64_t *told_ms);

#endif
