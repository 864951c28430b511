/* SPDX-License-Identifier: MIT */
/*
 * A copy of the agent's table: rows by segment and address, in blocks of a /24 each, so that a row
 * is found, added and removed in the time of one block however many there are.
 */
#ifndef USER_WEB_ROWS_H
#define USER_WEB_ROWS_H

#include "arpkeeper/slot.h"
#include "wire/wire.h"

#define ROWS_SEGMENTS 4096 /* more are refused */

enum { ROW_FROZEN = 1, ROW_FOREIGN = 2 };

struct row {
	uint32_t address;
	uint16_t segment; /* an index into the names */
	uint8_t state;    /* enum slot_state */
	uint8_t flags;
	struct mac mac;            /* zero: not known */
	int64_t since, seen;       /* Unix seconds; 0: not known */
	const char *origin, *note; /* rows_text(); NULL: none */
};

struct rows_block {
	uint16_t segment, count, room;
	uint32_t base;   /* the address of the /24 */
	struct row *row; /* owned; by address */
};

struct rows {
	struct rows_block *block; /* owned; by segment and base */
	size_t blocks, block_room;
	char **segment; /* owned: names */
	size_t segments, segment_room;
	char **text; /* owned: a hash table of texts */
	size_t texts, text_room;
	size_t count; /* rows */
};

/* Zeros are an empty one. */
void rows_clear(struct rows *rows);
/* The index of the segment, which is added if it is new; or -ENOMEM, -E2BIG. */
int rows_segment(struct rows *rows, const char *name);
/* The index; -1: there is none. */
int rows_find_segment(const struct rows *rows, const char *name);
/* One copy of each text, which lives as long as the rows. NULL for NULL, and when out of memory. */
const char *rows_text(struct rows *rows, const char *text);
/* Adds the row, or replaces the one of its segment and address. 0 or -ENOMEM. */
int rows_put(struct rows *rows, const struct row *row);
void rows_remove(struct rows *rows, unsigned segment, uint32_t address);
/* NULL: there is none. Valid until rows are changed. */
struct row *rows_find(const struct rows *rows, unsigned segment, uint32_t address);

#endif
