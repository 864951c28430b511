/* SPDX-License-Identifier: MIT */
/* Main's line as the look-back index has it, and which rows each commit of it brought. */
#ifndef USER_READER_POINTS_H
#define USER_READER_POINTS_H

#include "reader/state.h"

/* A commit of the line. */
struct line_point {
	int64_t time;
	uint32_t ordinal; /* of the row that has its changes */
	bool brings;      /* its changes are those of the commits that it brought */
	bool begins;      /* the kept history begins here: its changes are not known */
};

struct line_points {
	struct line_point *point; /* owned; newest first */
	size_t count;
	uint32_t
	        *number; /* owned; by the ordinal of a row: its point's number, plus one; 0: none */
	uint32_t oldest; /* rows before this one have no point */
	bool turned;     /* the line has another course than the rows */
};

/* Reads the points whose time is from `since` to `until`, and stops a day before `since`: clocks
 * may have been set back. Needs reader->index. 0, -ENOMEM, -EBADMSG: the index is damaged.
 * points_clear() in any case. */
int points_read(struct line_points *points, struct reader *reader, int64_t since, int64_t until);
/* The point that a row belongs to; NULL: none that was read. */
const struct line_point *points_of(const struct line_points *points, uint32_t row);
void points_clear(struct line_points *points);

#endif
