/* SPDX-License-Identifier: MIT */
/*
 * Reads what buffer.h wrote, as if an enemy had written it: nothing is believed. A value that is
 * not there or not allowed makes the cursor bad. Then every further value is zero, and the caller
 * looks once, at the end. Texts and entries point into the message.
 */
#ifndef USER_PROTOCOL_CURSOR_H
#define USER_PROTOCOL_CURSOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "entry/entry.h"

struct cursor {
	char *at, *end;
	bool bad;
};

uint8_t get_u8(struct cursor *cursor);
uint16_t get_u16(struct cursor *cursor);
uint32_t get_u32(struct cursor *cursor);
uint64_t get_u64(struct cursor *cursor);
/* One spelling each: an IPv4 address in its four octets. */
struct address get_address(struct cursor *cursor);
/* 0 or 1. */
bool get_bool(struct cursor *cursor);
/* At most `most`. */
uint32_t get_most(struct cursor *cursor, uint32_t most);
/* A count of things that have at least `size` bytes each, which must be there. */
size_t get_count(struct cursor *cursor, size_t size);
/* At most `most` bytes; NULL: absent, or bad. */
char *get_text(struct cursor *cursor, size_t most);
/* For people: what is not printable UTF-8 or a line feed becomes '?'. Copied, cut to fit. */
void get_said(struct cursor *cursor, char *text, size_t size);
/* The same in place, and on one line. NULL: absent, or bad. */
char *get_line(struct cursor *cursor, size_t most);
/* A text that must be there; else the cursor is bad. */
const char *get_needed(struct cursor *cursor, size_t most);
/* Of a task, or an alert. NULL: absent, or bad. */
const char *get_kind(struct cursor *cursor);
/* A negative errno, or 0. */
int get_error(struct cursor *cursor);
/* Hex digits of an object id, or "". */
void get_commit(struct cursor *cursor, char text[41]);
/* Every rule that the parser of entries has. `origin` as in buffer_entry(). */
void get_entry(struct cursor *cursor, struct entry *entry, char **origin);

#endif
