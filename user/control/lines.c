/* SPDX-License-Identifier: MIT */
/* Splits a stream into lines. It does not look into them. */
#include "control/lines.h"

#include <stdlib.h>
#include <string.h>

#include "base/base.h"

#define READ_SIZE ((size_t)64 << 10)

char *lines_room(struct lines *lines, size_t limit, size_t *room)
{
	size_t left = lines->length - lines->begin, most = limit + 1, wanted;

	if (lines->begin > 0) {
		memmove(lines->text, lines->text + lines->begin, left);
		lines->searched -= lines->begin;
		lines->length = left;
		lines->begin = 0;
	}
	if (left >= most)
		return NULL;
	wanted = most - left < READ_SIZE ? most : left + READ_SIZE;
	if (array_reserve(&lines->text, &lines->room, wanted))
		return NULL;
	*room = (lines->room < most ? lines->room : most) - left;
	return lines->text + left;
}

void lines_add(struct lines *lines, size_t length)
{
	lines->length += length;
}

bool lines_ready(struct lines *lines)
{
	const char *end = NULL;

	if (lines->searched < lines->length)
		end = memchr(lines->text + lines->searched, '\n', lines->length - lines->searched);
	lines->searched = end ? (size_t)(end - lines->text) : lines->length;
	return end != NULL;
}

const char *lines_next(struct lines *lines, size_t *length)
{
	const char *line;

	if (!lines_ready(lines))
		return NULL;
	line = lines->text + lines->begin;
	*length = lines->searched - lines->begin;
	lines->begin = ++lines->searched;
	return line;
}

bool lines_overflow(const struct lines *lines, size_t limit)
{
	return lines->length - lines->begin > limit;
}

void lines_clear(struct lines *lines)
{
	free(lines->text);
	*lines = (struct lines){.text = NULL};
}
