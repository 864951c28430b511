/* SPDX-License-Identifier: MIT */
/* Draws a line at a time, and keeps only which branches are open. */
#include "cli/lanes.h"

#include <string.h>

/* Sides of a place that a line leaves by. */
#define UP    1u
#define DOWN  2u
#define LEFT  4u
#define RIGHT 8u

static const char *const unicode_lines[16] = {" ", "│", "│", "│", "─", "┘", "┐", "┤",
                                              "─", "└", "┌", "├", "─", "┴", "┬", "┼"};
static const char *const ascii_lines[16] = {" ", "|", "|", "|", "-", "'", ".", "+",
                                            "-", "`", ".", "+", "-", "+", "+", "+"};

static unsigned open_in(const struct lanes *lanes, unsigned lane)
{
	unsigned count = 0;

	for (unsigned i = 0; i < lanes->count; i++)
		count += lanes->open[i].lane == lane;
	return count;
}

/* Closes the branches that began at this commit, or later: where a branch is not of main's line,
 * its base does not come. Returns their lanes, a bit each. */
static unsigned close_branches(struct lanes *lanes, const struct reader_task *task)
{
	unsigned closed = 0, kept = 0;

	for (unsigned i = 0; i < lanes->count; i++) {
		const struct lane_branch *branch = &lanes->open[i];

		if (!strcmp(branch->base, task->commit) || task->time < branch->time)
			closed |= 1u << branch->lane;
		else
			lanes->open[kept++] = *branch;
	}
	lanes->count = kept;
	return closed;
}

static void open_branch(struct lanes *lanes, const struct reader_task *task)
{
	struct lane_branch *branch = &lanes->open[lanes->count];

	if (task->parents < 2 || !task->base[0] || lanes->count == LANES_OPEN)
		return;
	branch->lane = task->lane;
	branch->time = task->base_time;
	memcpy(branch->base, task->base, sizeof(branch->base));
	lanes->count++;
}

static void add(char text[LANES_TEXT], const char *part)
{
	strncat(text, part, LANES_TEXT - 1 - strlen(text));
}

char *lanes_draw(char text[LANES_TEXT], struct lanes *lanes, const struct reader_task *task)
{
	const char *const *lines = lanes->unicode ? unicode_lines : ascii_lines;
	const char *one = lanes->unicode ? "●" : "*", *merge = lanes->unicode ? "◆" : "M";
	const bool last = task->parents == 0;
	unsigned above[LANES], closed, right = (unsigned)task->lane;

	for (unsigned lane = 0; lane < LANES; lane++)
		above[lane] = open_in(lanes, lane);
	closed = close_branches(lanes, task);
	open_branch(lanes, task);
	for (unsigned lane = 0; lane < LANES; lane++)
		if ((closed >> lane & 1) && lane > right)
			right = lane;
	text[0] = '\0';
	add(text, lines[UP | RIGHT | (last ? 0 : DOWN)]);
	for (unsigned lane = 0; lane < LANES; lane++) {
		bool across = lane <= right;
		unsigned sides = above[lane] ? UP : 0;

		sides |= open_in(lanes, lane) ? DOWN : 0;
		sides |= across ? LEFT : 0;
		sides |= lane < right ? RIGHT : 0;
		add(text, across ? lines[LEFT | RIGHT] : " ");
		if (lane == (unsigned)task->lane)
			add(text, task->parents > 1 ? merge : one);
		else
			add(text, lines[sides]);
	}
	return text;
}
