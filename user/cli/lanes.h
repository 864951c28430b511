/* SPDX-License-Identifier: MIT */
/*
 * Draws tasks in lanes, a line of text each, newest first: main at the left, then a column for each
 * lane. A task's sign stands in its lane, and a merge has another one. The lane of a merge goes on
 * down to the task with which the branch began.
 *
 *       L M E O P x
 *     ├─────────◆       a branch of a person was merged,
 *     ├─◆       │       and before that a task that was learned
 *     ├─┼───●   │       while this address expired
 *     ├─┴─●     │       and since this one moved
 *     └─●───────┘       the person's branch began here
 */
#ifndef USER_CLI_LANES_H
#define USER_CLI_LANES_H

#include "reader/reader.h"

#define LANES_OPEN 64                        /* branches drawn at a time */
#define LANES_TEXT (3 * 2 * (LANES + 1) + 1) /* UTF-8 */
#define LANES_HEAD "  L M E O P x"           /* learn, move, expire, operator, push, others */

struct lanes {
	bool unicode;
	struct lane_branch {
		enum task_lane lane;
		char base[41];
		int64_t time; /* the base's */
	} open[LANES_OPEN];
	unsigned count;
};

/* The line of the next task. */
char *lanes_draw(char text[LANES_TEXT], struct lanes *lanes, const struct reader_task *task);

#endif
