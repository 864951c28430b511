/* SPDX-License-Identifier: MIT */
/*
 * Writes what commands print: rows in aligned columns, lines, and lists of any length. Text comes
 * from the network and from repositories, so '?' replaces what could control a terminal.
 */
#ifndef USER_CLI_TABLE_H
#define USER_CLI_TABLE_H

#include <jansson.h>
#include <stdio.h>

#include "base/base.h"

struct table;

/* "INTERFACE|>FRAMES|*STATE|~NOTE": the titles, a '>' before those that are aligned right, a '*'
 * before those whose states and alerts have colours on a terminal, a '~' before those whose texts
 * are cut, with ".." at their end, where a terminal is too narrow for a row. A column is at least
 * as wide as its title; spaces behind the title make it wider. "|": two columns, no header. NULL
 * when out of memory. */
struct table *table_new(const char *titles);
/* Adds a row: a string for each column, copied; NULL is shown as "-". `table` may be NULL, here and
 * below. */
void table_row(struct table *table, ...);
/* Writes the rows added since the last call; the header before the first. 0, or -ENOMEM when rows
 * were lost. */
int table_write(struct table *table, FILE *output);
void table_free(struct table *table);

/* Writes one line of text, made safe in the same way. */
void line_write(FILE *output, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* The same for text of several lines. NULL: writes nothing. */
void lines_write(FILE *output, const char *text);

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
