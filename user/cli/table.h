/* SPDX-License-Identifier: MIT */
/*
 * Writes what commands print for people: rows in aligned columns, and lines. Text comes from the
 * network and from repositories, so '?' replaces what could control a terminal.
 */
#ifndef USER_CLI_TABLE_H
#define USER_CLI_TABLE_H

#include <stdio.h>

struct table;

/* "INTERFACE|>FRAMES|NOTE": the titles, a '>' before those that are aligned right. A column is at
 * least as wide as its title; spaces behind the title make it wider. "|": two columns, no header.
 * NULL when out of memory. */
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

#endif
