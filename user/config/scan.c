/* SPDX-License-Identifier: MIT */
/*
 * Finds line numbers in a git-config file. libgit2 reads the values and refuses bad syntax, but
 * gives no line numbers, and skips sections without variables. This file walks the same syntax
 * (git-config(1), "Syntax") for positions only. It never reads a value.
 */
#include "config/scan.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/base.h"

struct cursor {
	const char *at;
	unsigned line;
};

/* A name as it grows. It has room for the whole file. */
struct name {
	char *text;
	size_t length;
};

/* As in libgit2, which also accepts a digit first. */
static bool is_name_character(char c)
{
	return isalnum((unsigned char)c) || c == '-';
}

static void append(struct name *name, char c)
{
	name->text[name->length++] = c;
	name->text[name->length] = '\0';
}

static int add_item(struct scan *scan, struct scan_item item, const char *name)
{
	item.name = strdup(name);

	if (!item.name || array_reserve(&scan->item, &scan->room, scan->items + 1)) {
		free(item.name);
		return -ENOMEM;
	}
	scan->item[scan->items++] = item;
	return 0;
}

static void advance(struct cursor *cursor)
{
	if (*cursor->at == '\n')
		cursor->line++;
	cursor->at++;
}

static void skip_line(struct cursor *cursor)
{
	cursor->at += strcspn(cursor->at, "\n");
}

/* [section], [section.sub] or [section "Sub"]: all but the quoted part in lower case. */
static void read_header(struct cursor *cursor, struct name *name)
{
	name->length = 0;
	name->text[0] = '\0';
	advance(cursor);
	while (*cursor->at && !strchr("]\" \t\n", *cursor->at)) {
		append(name, (char)tolower((unsigned char)*cursor->at));
		advance(cursor);
	}
	while (*cursor->at == ' ' || *cursor->at == '\t')
		advance(cursor);
	if (*cursor->at == '"') {
		append(name, '.');
		advance(cursor);
		while (*cursor->at && *cursor->at != '"' && *cursor->at != '\n') {
			if (*cursor->at == '\\' && cursor->at[1] && cursor->at[1] != '\n')
				advance(cursor);
			append(name, *cursor->at);
			advance(cursor);
		}
	}
	cursor->at += strcspn(cursor->at, "]\n");
	if (*cursor->at == ']')
		advance(cursor);
}

/* Goes to the end of the value's last line. False: a quote is not closed. */
static bool skip_value(struct cursor *cursor)
{
	bool quoted = false;

	while (*cursor->at && *cursor->at != '\n') {
		if (*cursor->at == '\\' && cursor->at[1]) {
			advance(cursor);
			if (cursor->at[0] == '\r' && cursor->at[1] == '\n')
				advance(cursor);
		} else if (*cursor->at == '"') {
			quoted = !quoted;
		} else if (!quoted && (*cursor->at == '#' || *cursor->at == ';')) {
			skip_line(cursor);
			break;
		}
		advance(cursor);
	}
	return !quoted;
}

int scan_read(struct scan *scan, const char *text)
{
	struct cursor cursor = {text, 1};
	struct name section = {0};
	int error = -ENOMEM;

	*scan = (struct scan){0};
	if (!strncmp(text, "\xef\xbb\xbf", 3)) /* a byte order mark */
		cursor.at += 3;
	section.text = calloc(1, strlen(text) + 3);
	if (!section.text)
		goto out;
	while (*cursor.at) {
		struct scan_item item = {.line = cursor.line, .at = (size_t)(cursor.at - text)};

		if (*cursor.at == '[') {
			read_header(&cursor, &section);
			item.header = true;
			if (add_item(scan, item, section.text) < 0)
				goto out;
		} else if (is_name_character(*cursor.at)) {
			size_t length = section.length;

			if (length > 0) /* none: outside every section */
				append(&section, '.');
			for (; is_name_character(*cursor.at); advance(&cursor))
				append(&section, (char)tolower((unsigned char)*cursor.at));
			item.unclosed = !skip_value(&cursor);
			if (add_item(scan, item, section.text) < 0)
				goto out;
			section.text[section.length = length] = '\0';
		} else if (*cursor.at == '#' || *cursor.at == ';') {
			skip_line(&cursor);
		} else {
			advance(&cursor);
		}
	}
	error = 0;
out:
	free(section.text);
	if (error)
		scan_clear(scan);
	return error;
}

unsigned scan_line(const struct scan *scan, const char *name, size_t occurrence)
{
	for (size_t i = 0; i < scan->items; i++)
		if (!scan->item[i].header && !strcmp(scan->item[i].name, name) && !occurrence--)
			return scan->item[i].line;
	return 0;
}

void scan_clear(struct scan *scan)
{
	for (size_t i = 0; i < scan->items; i++)
		free(scan->item[i].name);
	free(scan->item);
	*scan = (struct scan){0};
}
