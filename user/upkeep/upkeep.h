/* SPDX-License-Identifier: MIT */
/*
 * When the repository is tended to: packs joined, what piles up swept away, old history thinned.
 * It is done by a child, `arpkeeper hook upkeep` (chores.h), at low priority, never two at once.
 */
#ifndef USER_UPKEEP_H
#define USER_UPKEEP_H

#include <stdbool.h>
#include <stdint.h>
#include <uv.h>

#define UPKEEP_FLUSHES 16 /* of ours, between two runs: as many packs, each small */

struct upkeep {
	uv_process_t process;
	bool running;
	uv_timer_t later; /* after a run: multiindex.h */
	bool has_later;
	unsigned flushes;      /* since the last run */
	const char *program;   /* this binary; borrowed. NULL: nothing is ever started */
	uint32_t keep;         /* history.keep, seconds; 0: everything */
	int64_t since;         /* retain_since(), after the last run */
	const char *directory; /* the repository; borrowed */
};

/* Which repository (ending in '/'). `program` and `keep` are the caller's to set. */
void upkeep_init(struct upkeep *upkeep, const char *git_directory);
/* So many commits are durable now: a flush, if any. Starts the child when it is time. */
void upkeep_note(struct upkeep *upkeep, uv_loop_t *loop, uint64_t commits);
/* Ends a run that goes on; its handle is gone when the loop has run out. It leaves the
 * repository whole wherever it is stopped. */
void upkeep_stop(struct upkeep *upkeep);

#endif
