/* SPDX-License-Identifier: MIT */
/*
 * A progress bar on standard error, for work that an operator waits for. It appears only on a
 * terminal, and only when the work takes longer than a moment. It redraws one line, and clears it
 * at the end. A step costs a comparison: the clock is read rarely.
 * For one thread, and one bar at a time.
 */
#ifndef USER_BASE_PROGRESS_H
#define USER_BASE_PROGRESS_H

#include <stdbool.h>
#include <stdint.h>

#define PROGRESS_TEXT 96 /* longer ones are cut */

struct progress {
	char text[PROGRESS_TEXT];
	uint64_t total; /* 0: unknown; then no bar, but count and rate */
	uint64_t next;  /* the step at which the clock is read again */
	uint64_t stride;
	int64_t began, read, drawn; /* monotonic nanoseconds; drawn 0: never */
};

/* `text` is copied, and says what is being done: "reading 1,048,576 entries". Draws nothing yet. */
void progress_begin(struct progress *progress, const char *text, uint64_t total);
/* Clears the line. Call it before anything else is printed, also on error. */
void progress_end(struct progress *progress);

/* For progress_step(). */
void progress_look(struct progress *progress, uint64_t done);

/* `done` of `total` steps are done. It never goes down. */
static inline void progress_step(struct progress *progress, uint64_t done)
{
	if (__builtin_expect(done >= progress->next, 0))
		progress_look(progress, done);
}

/* Clears the bar until it is drawn again, so that a log line stands on a line of its own. False:
 * there was no bar. Never changes errno. */
bool progress_hide(void);

/* "1,048,576" */
#define PROGRESS_COUNT_TEXT 32
char *progress_count(char text[PROGRESS_COUNT_TEXT], uint64_t count);

/* From now on no bar is shown. */
void progress_off(void);

#endif
