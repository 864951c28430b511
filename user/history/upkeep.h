/* SPDX-License-Identifier: MIT */
/* git's own upkeep, as a child at low priority, now and then, never two at once. */
#ifndef USER_HISTORY_UPKEEP_H
#define USER_HISTORY_UPKEEP_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#define UPKEEP_COMMITS 2000 /* of ours, between two runs */

struct upkeep {
	uv_process_t process;
	bool running;
	uint64_t commits; /* since the last run */
};

/* So many commits were made; starts `git gc --auto` when it is time. */
void upkeep_note(struct upkeep *upkeep, uv_loop_t *loop, const char *directory, uint64_t commits);
/* Ends a run that goes on; its handle is gone when the loop has run out. git leaves the
 * repository whole wherever it is stopped. */
void upkeep_stop(struct upkeep *upkeep);

#endif
