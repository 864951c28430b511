/* SPDX-License-Identifier: MIT */
/*
 * Bytes of a stream, split into lines. The memory is bounded by the longest line that is allowed:
 *
 *     buffer = lines_room(&lines, limit, &room);    read at most `room` bytes into it, then
 *     lines_add(&lines, bytes);
 *     while ((line = lines_next(&lines, &length)))
 *             use it; it is valid until the next lines_room()
 *     lines_overflow(&lines, limit)                 what follows is not the end of a line
 */
#ifndef USER_CONTROL_LINES_H
#define USER_CONTROL_LINES_H

#include <stdbool.h>
#include <stddef.h>

struct lines {
	char *text; /* owned */
	size_t length, room;
	size_t begin;    /* of the first line that was not taken */
	size_t searched; /* no line ends between `begin` and here */
};

/* Where the next bytes go. NULL: out of memory, or `limit` bytes and no line taken. */
char *lines_room(struct lines *lines, size_t limit, size_t *room);
void lines_add(struct lines *lines, size_t length);
bool lines_ready(struct lines *lines); /* a whole line is there */
/* Takes the next whole line, without its end. NULL: none. */
const char *lines_next(struct lines *lines, size_t *length);
/* Whether the unfinished line is longer than `limit`. */
bool lines_overflow(const struct lines *lines, size_t limit);
void lines_clear(struct lines *lines);

#endif
