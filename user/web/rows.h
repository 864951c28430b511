/* SPDX-License-Identifier: MIT */
/*
 * A copy of the agent's table: rows by segment and address, in blocks of up to 256 that follow one
 * another, so that a row is found, added and removed in the time of one block however many there
 * are. A block's rows share their segment and the upper half of their address, which are not kept
 * again for each: a row takes 48 bytes.
 */
#ifndef USER_WEB_ROWS_H
#define USER_WEB_ROWS_H

#include "arpkeeper/slot.h"
#include "wire/wire.h"

#define ROWS_SEGMENTS 4096 /* more are refused */

enum { ROW_FROZEN = 1, ROW_FOREIGN = 2, ROW_ROUTER = 4 };

struct row {
	struct address address;
	uint16_t segment; /* an index into the names */
	uint8_t state;    /* enum slot_state */
	uint8_t flags;
	struct mac mac;            /* zero: not known */
	int64_t since, seen;       /* Unix seconds; 0: not known */
	const char *origin, *note; /* rows_text(); NULL: none */
};

/* A row within its block: rows_row() has all of it. */
struct rows_kept {
	uint64_t low; /* half of the address */
	uint8_t state, flags;
	struct mac mac;
	int64_t since, seen;
	const char *origin, *note;
};

struct rows_block {
	uint64_t high; /* half of the addresses */
	uint16_t segment, count, room;
	struct rows_kept *row; /* owned; by address; at least one */
};

struct rows {
	struct rows_block *block; /* owned; by segment and first address */
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
void rows_remove(struct rows *rows, unsigned segment, struct address address);
/* Whether there is one. `row` may be NULL. */
bool rows_find(const struct rows *rows, unsigned segment, struct address address, struct row *row);

static inline struct row rows_row(const struct rows_block *block, size_t place)
{
	const struct rows_kept *kept = &block->row[place];

	return (struct row){.address = {block->high, kept->low},
	                    .segment = block->segment,
	                    .state = kept->state,
	                    .flags = kept->flags,
	                    .mac = kept->mac,
	                    .since = kept->since,
	                    .seen = kept->seen,
	                    .origin = kept->origin,
	                    .note = kept->note};
}

/* Of its addresses. */
static inline struct range rows_span(const struct rows_block *block)
{
	return (struct range){{block->high, block->row[0].low},
	                      {block->high, block->row[block->count - 1].low}};
}

/* Whether the block may have rows of the range. */
static inline bool rows_reach(const struct rows_block *block, struct range range)
{
	const struct range span = rows_span(block);

	return address_compare(span.first, range.last) <= 0 &&
	       address_compare(range.first, span.last) <= 0;
}

#endif
