/* SPDX-License-Identifier: MIT */
/*
 * A list of any length, printed as it comes: rows in aligned columns for people, or the members of
 * a JSON array. Never holds more than a few rows.
 *
 *     struct rows rows = {
 *             .titles = "TIME|WHAT", .opening = "{\"events\": [", .at_once = 64};
 *
 *     error = rows_begin(&rows, json);
 *     for each item, unless there is an error:
 *             if (rows.table)
 *                     table_row(rows.table, ...);
 *             error = rows_add(&rows, rows.table ? NULL : item_json(item));
 *     error = rows_end(&rows, error, "nothing is recorded", "", &fault);
 */
#ifndef USER_CLI_ROWS_H
#define USER_CLI_ROWS_H

#include <jansson.h>
#include <stdbool.h>

#include "base/base.h"
#include "cli/table.h"

struct rows {
	const char *titles;  /* for table_new() */
	const char *opening; /* JSON up to the first member */
	bool spaced;         /* JSON members with spaces between their parts */
	unsigned at_once;    /* so many rows are aligned together, then written */
	struct table *table; /* NULL: JSON */
	size_t count;
};

/* 0 or -ENOMEM. */
int rows_begin(struct rows *rows, bool json);
/* Counts a row of rows->table, or prints `member` and frees it. Returns 0, 1 when standard output
 * cannot be written any more, or -ENOMEM, also for JSON that is NULL. */
int rows_add(struct rows *rows, json_t *member);
/* The end of the list: prints the rest, or `nothing` if it is empty. JSON gets `tail` between "]"
 * and "}". `error` is what ended it; returned, unless the end fails. */
int rows_end(struct rows *rows, int error, const char *nothing, const char *tail,
             struct fault *fault);

#endif
