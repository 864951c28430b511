/* SPDX-License-Identifier: MIT */
/*
 * The writer of everything that commands print for people: rows in aligned columns. Cells come
 * from the network and from repositories, so whatever could steer a terminal is replaced
 * by '?'.
 */
#ifndef USER_CLI_TABLE_H
#define USER_CLI_TABLE_H

#include <stdbool.h>
#include <stdio.h>

struct table_column {
	const char *title; /* NULL in the first column: no header line */
	bool right;        /* aligned right */
	unsigned width;    /* at least; for tables that are written while they grow */
};

struct table;

/* `column` (not copied) has `columns` elements. NULL when out of memory. */
struct table *table_new(const struct table_column *column, unsigned columns);
/* Adds a row of as many strings as there are columns; NULL is shown as "-". Copied. `table` may be
 * NULL, here and below. */
void table_row(struct table *table, ...);
/* Writes what has been added since the last time, the header first. 0, or -ENOMEM when rows
 * were lost. */
int table_write(struct table *table, FILE *output);
void table_free(struct table *table);

/* Writes one line of free text, made safe in the same way. */
void line_write(FILE *output, const char *format, ...) __attribute__((format(printf, 2, 3)));
/* Writes text of several lines likewise. NULL: nothing. */
void lines_write(FILE *output, const char *text);

#endif
