/* SPDX-License-Identifier: MIT */
/*
 * A progress bar on standard error, for work that a person waits for. It shows itself only on a
 * terminal, and only when the work takes longer than a moment; it redraws one line, and takes it
 * away at the end. Otherwise nothing is written. A step costs a comparison: the clock is read
 * rarely. For one thread, and one bar at a time.
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

/* `text` (copied) says what is done: "reading 1,048,576 entries". Nothing is drawn yet. */
void progress_begin(struct progress *progress, const char *text, uint64_t total);
/* Takes the line away. Call it before whatever is printed next, also on error. */
void progress_end(struct progress *progress);

/* Not called directly. */
void progress_look(struct progress *progress, uint64_t done);

/* `done` of `total` are done; it must not go down. */
static inline void progress_step(struct progress *progress, uint64_t done)
{
	if (__builtin_expect(done >= progress->next, 0))
		progress_look(progress, done);
}

/* Takes a drawn bar away until it is drawn again, so that a log line stands on a line of its own.
 * False: there was none. Never changes errno. */
bool progress_hide(void);

/* "1,048,576" */
#define PROGRESS_COUNT_TEXT 32
char *progress_count(char text[PROGRESS_COUNT_TEXT], uint64_t count);

#endif
