/* SPDX-License-Identifier: MIT */
/* Each function checks its own value. It allocates nothing. */
#include "protocol/cursor.h"

#include <endian.h>
#include <stdio.h>
#include <string.h>

#include "protocol/buffer.h"
#include "protocol/transition.h"

#define ERRNO_MAX   4095
#define IPV4_OCTETS 4
#define EXTRA_MAX   2048 /* bytes of all x- lines, as entry/parse.c has it */
#define TIME_LAST                                                                                  \
	INT64_C(253402300799) /* the end of 9999, the last year that an entry can spell            \
	                       */

/* The next bytes, or NULL. */
static char *take(struct cursor *cursor, size_t length)
{
	char *at = cursor->at;

	if (cursor->bad || (size_t)(cursor->end - at) < length) {
		cursor->bad = true;
		return NULL;
	}
	cursor->at += length;
	return at;
}

uint8_t get_u8(struct cursor *cursor)
{
	const char *at = take(cursor, 1);

	return at ? (uint8_t)*at : 0;
}

uint16_t get_u16(struct cursor *cursor)
{
	const char *at = take(cursor, 2);
	uint16_t value = 0;

	if (at)
		memcpy(&value, at, sizeof(value));
	return le16toh(value);
}

uint32_t get_u32(struct cursor *cursor)
{
	const char *at = take(cursor, 4);
	uint32_t value = 0;

	if (at)
		memcpy(&value, at, sizeof(value));
	return le32toh(value);
}

uint64_t get_u64(struct cursor *cursor)
{
	const char *at = take(cursor, 8);
	uint64_t value = 0;

	if (at)
		memcpy(&value, at, sizeof(value));
	return le64toh(value);
}

struct address get_address(struct cursor *cursor)
{
	struct address address = {0};
	const uint8_t length = get_u8(cursor);
	const char *at;

	cursor->bad |= length != IPV4_OCTETS && length != ADDRESS_OCTETS;
	at = take(cursor, length);
	if (!at)
		return address;
	if (length == ADDRESS_OCTETS) {
		address = address_load((const uint8_t *)at);
		cursor->bad |= address_is_v4(address);
	} else {
		uint32_t number;

		memcpy(&number, at, sizeof(number));
		address = address_v4(be32toh(number));
	}
	return address;
}

uint32_t get_most(struct cursor *cursor, uint32_t most)
{
	uint32_t value = get_u32(cursor);

	if (value <= most)
		return value;
	cursor->bad = true;
	return 0;
}

bool get_bool(struct cursor *cursor)
{
	uint8_t value = get_u8(cursor);

	cursor->bad |= value > 1;
	return value == 1;
}

size_t get_count(struct cursor *cursor, size_t size)
{
	uint32_t count = get_u32(cursor);

	if (!cursor->bad && count <= (size_t)(cursor->end - cursor->at) / size)
		return count;
	cursor->bad = true;
	return 0;
}

char *get_text(struct cursor *cursor, size_t most)
{
	size_t length = get_u16(cursor);
	char *text;

	if (cursor->bad || length == WIRE_NO_TEXT)
		return NULL;
	text = take(cursor, length + 1);
	if (text && length <= most && strnlen(text, length + 1) == length)
		return text;
	cursor->bad = true;
	return NULL;
}

void get_said(struct cursor *cursor, char *text, size_t size)
{
	const char *from = get_text(cursor, WIRE_TEXT_MAX);

	snprintf(text, size, "%s", from ? from : "");
	text_mend(text);
}

char *get_line(struct cursor *cursor, size_t most)
{
	char *text = get_text(cursor, most);

	if (!text)
		return NULL;
	text_mend(text);
	for (char *at = text; *at; at++)
		*at = *at == '\n' ? ' ' : *at;
	return text;
}

const char *get_needed(struct cursor *cursor, size_t most)
{
	const char *text = get_text(cursor, most);

	cursor->bad |= !text;
	return text;
}

const char *get_kind(struct cursor *cursor)
{
	const char *kind = get_text(cursor, WIRE_TEXT_MAX);

	cursor->bad |= kind && !task_kind_is_valid(kind);
	return kind;
}

int get_error(struct cursor *cursor)
{
	return -(int)get_most(cursor, ERRNO_MAX);
}

void get_commit(struct cursor *cursor, char text[41])
{
	const char *from = get_text(cursor, 40);

	text[0] = '\0';
	if (from &&
	    (strlen(from) == 0 || (strlen(from) == 40 && strspn(from, "0123456789abcdef") == 40)))
		memcpy(text, from, strlen(from) + 1);
	else
		cursor->bad = true;
}

/* An origin or a note. */
static char *get_word(struct cursor *cursor)
{
	char *text = get_text(cursor, ENTRY_NOTE_MAX);

	if (text && entry_check_text("text", text, NULL) == 0)
		return text;
	cursor->bad = true;
	return NULL;
}

/* The x- lines. The parser judges them as part of a whole entry. */
static char *get_extra(struct cursor *cursor)
{
	static const char head[] = "mac 02:00:00:00:00:01\nstate static\n"
	                           "since 2026-11-22T10:15:00Z\n";
	char *text = get_text(cursor, EXTRA_MAX), copy[sizeof(head) + EXTRA_MAX + 1];
	struct entry parsed;
	size_t length;

	if (text && !strncmp(text, "x-", 2)) {
		length = strlen(text);
		memcpy(copy, head, sizeof(head) - 1);
		memcpy(copy + sizeof(head) - 1, text, length + 1);
		if (entry_parse_in_place(&parsed, copy, sizeof(head) - 1 + length, NULL) == 0)
			return text;
	}
	cursor->bad = true;
	return NULL;
}

void get_entry(struct cursor *cursor, struct entry *entry, char **origin)
{
	const char *at = take(cursor, 16);
	uint64_t since;
	uint8_t texts;

	*entry = (struct entry){.state = ENTRY_DYNAMIC};
	if (!at)
		return;
	memcpy(entry->mac.octet, at, 6);
	memcpy(&since, at + 7, sizeof(since));
	entry->since = (int64_t)le64toh(since);
	texts = (uint8_t)at[15];
	if (!mac_is_station(entry->mac) || (uint8_t)at[6] > ENTRY_STATIC ||
	    texts >= 2 * WIRE_ROUTER || (texts & WIRE_ORIGIN && texts & WIRE_SAME_ORIGIN) ||
	    entry->since < 0 || entry->since > TIME_LAST) {
		cursor->bad = true;
		return;
	}
	entry->state = (enum entry_state)at[6];
	entry->router = texts & WIRE_ROUTER;
	cursor->bad |= entry->router && entry->state != ENTRY_STATIC;
	if (texts & WIRE_AFTER) {
		entry->after = (int64_t)get_u64(cursor);
		cursor->bad |= entry->after <= 0 || entry->after > entry->since;
	}
	if (texts & WIRE_ORIGIN)
		*origin = get_word(cursor);
	if (texts & (WIRE_ORIGIN | WIRE_SAME_ORIGIN)) {
		cursor->bad |= !*origin;
		entry->origin = *origin;
	}
	if (texts & WIRE_NOTE)
		entry->note = get_word(cursor);
	if (texts & WIRE_EXTRA)
		entry->extra = get_extra(cursor);
}
