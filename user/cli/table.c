/* SPDX-License-Identifier: MIT */
/*
 * Aligns columns. Rows are kept until table_write(), which knows the widths. It may be called
 * repeatedly; widths only grow. The only escape sequences are on a terminal: around the header, and
 * around states and alerts.
 */
#include "cli/table.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define GAP         "  "
#define COLUMNS_MAX 12
#define CUT         ".." /* as git marks what it truncates */
#define CUT_LEAST   6    /* a text is not cut to less */

struct table {
	char *titles; /* which `title` points into */
	const char *title[COLUMNS_MAX];
	bool right[COLUMNS_MAX], coloured[COLUMNS_MAX], cut[COLUMNS_MAX];
	unsigned width[COLUMNS_MAX]; /* of the widest text so far */
	unsigned shown[COLUMNS_MAX]; /* at most `width` */
	unsigned columns;
	char **cell;       /* rows * columns */
	size_t rows, room; /* room: of cells */
	bool started, failed;
};

/* Replaces what a terminal obeys: C0 and C1 controls and DEL. C1 is C2 80..C2 9F in UTF-8. */
static void make_safe(char *text)
{
	unsigned char *byte = (unsigned char *)text;

	for (; *byte; byte++) {
		if (*byte < 0x20 || *byte == 0x7f)
			*byte = '?';
		else if (byte[0] == 0xc2 && byte[1] >= 0x80 && byte[1] <= 0x9f)
			byte[0] = byte[1] = '?';
	}
}

/* Columns on a terminal, for text without wide characters. */
static unsigned text_width(const char *text)
{
	unsigned width = 0;

	for (; *text; text++)
		width += ((unsigned char)*text & 0xc0) != 0x80;
	return width;
}

/* The bytes of so many columns. */
static size_t text_length(const char *text, size_t width)
{
	const char *end = text;

	for (; *end; end++)
		if (((unsigned char)*end & 0xc0) != 0x80 && width-- == 0)
			break;
	return (size_t)(end - text);
}

struct table *table_new(const char *titles)
{
	struct table *table = calloc(1, sizeof(*table));
	char *rest = table ? strdup(titles) : NULL;

	if (!rest) {
		free(table);
		return NULL;
	}
	table->titles = rest;
	for (unsigned i = 0; rest && i < COLUMNS_MAX; i++) {
		const char *title = strsep(&rest, "|");

		for (; *title == '>' || *title == '*' || *title == '~'; title++) {
			table->right[i] |= *title == '>';
			table->coloured[i] |= *title == '*';
			table->cut[i] |= *title == '~';
		}
		table->title[i] = title;
		table->width[i] = text_width(table->title[i]);
		table->columns++;
	}
	return table;
}

void table_row(struct table *table, ...)
{
	va_list arguments;
	char **row;

	if (!table)
		return;
	if (array_reserve(&table->cell, &table->room, (table->rows + 1) * table->columns)) {
		table->failed = true;
		return;
	}
	row = table->cell + table->rows * table->columns;
	va_start(arguments, table);
	for (unsigned i = 0; i < table->columns; i++) {
		const char *text = va_arg(arguments, const char *);
		unsigned width;

		row[i] = strdup(text ? text : "-");
		if (!row[i]) {
			table->failed = true;
			continue;
		}
		make_safe(row[i]);
		width = text_width(row[i]);
		if (width > table->width[i])
			table->width[i] = width;
	}
	va_end(arguments);
	table->rows++;
}

/* By what the text begins with; "": as the rest. */
static const char *colour_of(const char *text)
{
	static const struct {
		const char *word, *colour;
	} known[] = {
	        {"dynamic", "\033[32m"},  {"static", "\033[36m"},   {"local", "\033[34m"},
	        {"stale", "\033[33m"},    {"pending", "\033[33m"},  {"dead", "\033[31m"},
	        {"attached", "\033[32m"}, {"failed", "\033[31m"},   {"gone", "\033[31m"},
	        {"down", "\033[33m"},     {"ALERT ", "\033[1;31m"}, {"own", "\033[34m"},
	        {"live", "\033[32m"},     {"silent", "\033[33m"},   {"left out", "\033[31m"},
	        {"wins", "\033[32m"},     {"beaten", "\033[33m"},
	};

	/* Of tasks, the whole word: no sentence of another list is coloured by its verb. */
	static const struct {
		const char *word, *colour;
	} kinds[] = {
	        {"learn", "\033[32m"},  {"resolve", "\033[32m"},  {"move", "\033[33m"},
	        {"expire", "\033[31m"}, {"operator", "\033[36m"}, {"import", "\033[36m"},
	        {"push", "\033[34m"},
	};

	if (strstr(text, ", frozen"))
		return "\033[1;31m";
	for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++)
		if (strncmp(text, known[i].word, strlen(known[i].word)) == 0)
			return known[i].colour;
	for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++)
		if (strcmp(text, kinds[i].word) == 0)
			return kinds[i].colour;
	return "";
}

/* `styled`: a terminal may have colours. */
static void cell_write(const struct table *table, unsigned column, const char *text, bool styled,
                       FILE *output)
{
	const char *colour = styled && table->coloured[column] ? colour_of(text) : "";
	const unsigned shown = table->shown[column];
	unsigned width = text_width(text), padding = shown > width ? shown - width : 0;
	bool cut = width > shown;
	size_t length = cut ? text_length(text, shown - strlen(CUT)) : strlen(text);

	if (column > 0)
		fputs(GAP, output);
	if (table->right[column])
		fprintf(output, "%*s", (int)padding, "");
	fprintf(output, "%s%.*s%s%s", colour, (int)length, text, cut ? CUT : "",
	        *colour ? "\033[0m" : "");
	if (!table->right[column] && column + 1 < table->columns)
		fprintf(output, "%*s", (int)padding, "");
}

/* https://no-color.org */
static bool may_style(FILE *output)
{
	const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");

	return !(no_color && *no_color) && terminal && strcmp(terminal, "dumb") != 0 &&
	       isatty(fileno(output));
}

/* 0: any number. */
static unsigned columns_of(FILE *output)
{
	struct winsize size;
	int descriptor = fileno(output);

	return descriptor >= 0 && isatty(descriptor) && ioctl(descriptor, TIOCGWINSZ, &size) == 0
	               ? size.ws_col
	               : 0;
}

static unsigned least_width(const struct table *table, unsigned column)
{
	unsigned title = text_width(table->title[column]);

	return title > CUT_LEAST ? title : CUT_LEAST;
}

/* Makes columns that may be cut narrower, the widest first, until a row fits. */
static void fit(struct table *table, unsigned room)
{
	unsigned used = (table->columns - 1) * (unsigned)strlen(GAP);

	for (unsigned i = 0; i < table->columns; i++)
		used += table->shown[i] = table->width[i];
	while (room && used > room) {
		unsigned *widest = NULL;

		for (unsigned i = 0; i < table->columns; i++)
			if (table->cut[i] && table->shown[i] > least_width(table, i) &&
			    (!widest || table->shown[i] > *widest))
				widest = &table->shown[i];
		if (!widest)
			return;
		*widest -= 1;
		used--;
	}
}

static void header_write(const struct table *table, FILE *output)
{
	bool styled = may_style(output);

	if (styled)
		fputs("\033[1m", output);
	for (unsigned i = 0; i < table->columns; i++)
		cell_write(table, i, table->title[i], false, output);
	fputs(styled ? "\033[0m\n" : "\n", output);
}

int table_write(struct table *table, FILE *output)
{
	bool styled = may_style(output);

	if (!table)
		return -ENOMEM;
	fit(table, columns_of(output));
	if (!table->started && table->title[0][0])
		header_write(table, output);
	table->started = true;
	for (size_t row = 0; row < table->rows; row++) {
		for (unsigned i = 0; i < table->columns; i++) {
			char *text = table->cell[row * table->columns + i];

			cell_write(table, i, text ? text : "?", styled, output);
			free(text);
		}
		fputc('\n', output);
	}
	table->rows = 0;
	return table->failed ? -ENOMEM : 0;
}

void table_free(struct table *table)
{
	if (!table)
		return;
	for (size_t i = 0; i < table->rows * table->columns; i++)
		free(table->cell[i]);
	free(table->cell);
	free(table->titles);
	free(table);
}

void line_write(FILE *output, const char *format, ...)
{
	va_list arguments;
	char *text = NULL;
	int length;

	va_start(arguments, format);
	length = vasprintf(&text, format, arguments);
	va_end(arguments);
	if (length < 0)
		return;
	make_safe(text);
	fprintf(output, "%s\n", text);
	free(text);
}

void lines_write(FILE *output, const char *text)
{
	while (text && *text) {
		size_t length = strcspn(text, "\n");

		line_write(output, "%.*s", (int)length, text);
		text += length + (text[length] == '\n');
	}
}

int rows_begin(struct rows *rows, bool json)
{
	if (json)
		return 0;
	rows->table = table_new(rows->titles);
	return rows->table ? 0 : -ENOMEM;
}

int rows_add(struct rows *rows, json_t *member)
{
	int error = 0;

	if (!rows->table) {
		if (!member)
			return -ENOMEM;
		printf("%s\n  ", rows->count ? "," : rows->opening);
		json_dumpf(member, stdout, rows->spaced ? 0 : JSON_COMPACT);
		json_decref(member);
	}
	rows->count++;
	if (rows->table && rows->count % rows->at_once == 0)
		error = table_write(rows->table, stdout);
	return error < 0 ? error : ferror(stdout) != 0;
}

int rows_end(struct rows *rows, int error, const char *nothing, const char *tail,
             struct fault *fault)
{
	bool complete = error >= 0;

	if (!rows->table && (complete || rows->count))
		printf("%s%s%s}\n", rows->count ? "" : rows->opening, rows->count ? "\n]" : "]",
		       tail);
	else if (rows->table && rows->count && table_write(rows->table, stdout) < 0 && complete)
		error = fault_set(fault, -ENOMEM, "out of memory: the list is not complete");
	else if (rows->table && !rows->count && complete)
		line_write(stdout, "%s", nothing);
	table_free(rows->table);
	rows->table = NULL;
	return error;
}
